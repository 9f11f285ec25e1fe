"""Hypothesis lists, with models that are plain functions."""

import msgspec
import numpy as np
import pytest

from components.records.domain_signature import NO_SCORE, domain_model, read_readings
from components.records.manifest import Calibration, Manifest, SkillNames
from components.records.prediction import Scores
from components.records.request import Context, OfferedSkill, Request, Slot
from components.records.skill import Intent
from components.router.hypothesize import hypothesize
from components.router.models import Answer, Release
from components.router.options import HypothesizeOptions

MANIFEST = Manifest(
    kind="shortlister",
    skill_ids=("a", "b", "c", "d"),
    domains=("A & B", "A & B", "C", "D"),
    calibration=Calibration(),
    names=(SkillNames(name="First Night"), *(SkillNames(),) * 3),
    named_confidence=0.9,
    catalogue_hash="",
)


class Small:
    """A Shortlister that always proposes the same, and models of the domains A & B and C.

    A domain's model reads the last word as the slot "last" of intent "Do", and after that nothing at all; it
    does not know skill "b".
    """

    def __init__(self, skills=("c", "b", "a", "d")):
        self.skills, self.asked = skills, []

    def current(self, model):
        return Release(model, 1, MANIFEST)

    def serves(self, model):
        return model in (domain_model("A & B"), domain_model("C"))

    def run(self, model, inputs):
        self.asked.append((model, inputs))
        texts = [text.decode() for text in inputs["utterance"]]
        if model == "shortlister":
            skills = self.skills[: int(inputs["k"])]
            outputs = {
                "skill_ids": np.array([[s.encode() for s in skills]] * len(texts), object),
                "scores": np.float32([[-n for n in range(len(skills))]] * len(texts)),
                "reject": np.float32([len(text) for text in texts]),
            }
            return Answer(outputs, self.current(model))
        assert self.serves(model)
        rows, width = inputs["skill_ids"].shape
        known = np.isin(inputs["skill_ids"], [b"a", b"c"])
        unknown = (inputs["skill_ids"] != b"") & ~known
        shape = (rows, width, 2)
        outputs = {
            "domain_scores": np.float32([99.0 if model == domain_model("C") else -1.5] * rows),
            "readings": np.where(known, 2, np.where(unknown, 1, 0)),
            "intents": np.full(shape, b"", object),
            "intent_scores": np.where(known[..., None], np.float32([-0.5, -1.0]), NO_SCORE),
            "slot_scores": np.where(known[..., None], np.float32([-0.25, -2.0]), NO_SCORE),
            "slot_names": np.full((*shape, 1), b"", object),
            "slot_starts": np.zeros((*shape, 1), np.int32),
            "slot_ends": np.zeros((*shape, 1), np.int32),
            "slot_values": np.full((*shape, 1), b"", object),
        }
        for row, column in np.argwhere(known):
            last = texts[row].split()[-1]
            outputs["intents"][row, column] = [b"Do", b""]
            outputs["slot_names"][row, column, 0, 0] = b"last"
            outputs["slot_values"][row, column, 0, 0] = last.encode()
            outputs["slot_starts"][row, column, 0, 0] = len(texts[row]) - len(last)
            outputs["slot_ends"][row, column, 0, 0] = len(texts[row])
        return Answer(outputs, Release(model, 1, MANIFEST))


def request(utterance="play é rock", **fields):
    return Request(**{"request_id": "r", "utterance": utterance, **fields})


def test_candidates_are_read_by_the_models_of_their_domains():
    models = Small()
    (listed,) = hypothesize(models, [request()], k=4)
    found = [(h.skill_id, h.domain, h.intent, [slot.value for slot in h.slots]) for h in listed.hypotheses]
    assert found == [
        ("c", "C", "Do", ["rock"]),
        ("c", "C", None, []),
        ("b", "A & B", None, []),
        ("a", "A & B", "Do", ["rock"]),
        ("a", "A & B", None, []),
        ("d", "D", None, []),
    ]
    assert [h.scores for h in listed.hypotheses] == [
        Scores(shortlister=0.0, domain=20.0, intent=-0.5, slots=-0.25),
        Scores(shortlister=0.0, domain=20.0, intent=-1.0, slots=-2.0),
        Scores(shortlister=-1.0, domain=-1.5),
        Scores(shortlister=-2.0, domain=-1.5, intent=-0.5, slots=-0.25),
        Scores(shortlister=-2.0, domain=-1.5, intent=-1.0, slots=-2.0),
        Scores(shortlister=-3.0),
    ]
    assert listed.reject == 11.0
    assert all(h.judgement is None for h in listed.hypotheses)


@pytest.mark.parametrize(
    ("previous", "k", "expected"),
    [
        ("d", 2, ["c", "d"]),  # not proposed: the last one gives way
        ("b", 2, ["c", "b"]),
        ("d", 1, ["d"]),
        ("gone", 2, ["c", "b"]),
        (None, 2, ["c", "b"]),
    ],
)
def test_the_skill_of_the_turn_before_is_a_candidate(previous, k, expected):
    (listed,) = hypothesize(Small(), [request(context=Context(previous_skill=previous))], k=k)
    assert list(dict.fromkeys(h.skill_id for h in listed.hypotheses)) == expected
    assert {h.scores.shortlister for h in listed.hypotheses if h.skill_id == "d"} <= {None}


def test_a_name_and_the_turn_before_both_count():
    named = request("ask First Night to play é rock", context=Context(previous_skill="d"))
    (listed,) = hypothesize(Small(), [named], k=2)
    assert list(dict.fromkeys(h.skill_id for h in listed.hypotheses)) == ["a", "d"]


def test_slots_are_places_in_the_utterance():
    (listed,) = hypothesize(Small(), [request("ask First Night to play é rock")], k=4)
    slot = next(h for h in listed.hypotheses if h.skill_id == "a").slots[0]
    assert slot == Slot(name="last", value="rock", start=26, end=30)


def test_each_domain_is_asked_once_for_all_requests():
    models = Small()
    hypothesize(models, [request(), request("stop")], k=4)
    assert [model for model, _ in models.asked] == ["shortlister", domain_model("C"), domain_model("A & B")]
    assert models.asked[2][1]["skill_ids"].tolist() == [[b"b", b"a"]] * 2


def test_a_named_skill_is_a_candidate():
    models = Small(skills=("c", "b"))
    (listed,) = hypothesize(models, [request("ask First Night to rock")], k=2)
    assert [h.skill_id for h in listed.hypotheses] == ["c", "c", "a", "a"]
    assert listed.hypotheses[2].scores == Scores(domain=-1.5, intent=-0.5, slots=-0.25)
    assert models.asked[0][1]["utterance"].tolist() == [b"rock"]


def test_what_is_known_afterwards_is_not_read():
    known = request(
        enabled_skills=("a",),
        context=Context(turn=2, new_intent=True),
        skill_id="a",
        intent="Do",
        slots=(Slot(name="last", value="rock", start=7, end=11),),
        also_correct=("b",),
        outcome="handled",
    )
    live = msgspec.structs.replace(
        known, context=Context(turn=2), skill_id=None, intent=None, slots=(), also_correct=(), outcome=None
    )
    (full,), (bare,) = (hypothesize(Small(), [each], k=4) for each in (known, live))
    assert full.hypotheses == bare.hypotheses
    assert full.reject == bare.reject


def test_no_requests_and_bad_k():
    assert hypothesize(Small(), [], k=3) == []
    with pytest.raises(ValueError, match="`k` must be positive"):
        hypothesize(Small(), [request()], k=0)


def test_options():
    for splits in ((), ("train", "dev")):
        with pytest.raises(ValueError, match="`splits` must name at least one split, and not train"):
            HypothesizeOptions(splits=splits)
    with pytest.raises(ValueError, match="`k` must be positive"):
        HypothesizeOptions(k=0)


def test_padding_has_no_reading():
    outputs = (
        Small().run(domain_model("C"), {"utterance": [b"x"], "skill_ids": np.array([[b"c", b""]])}).outputs
    )
    (answer,) = read_readings(outputs)
    assert [len(readings) for readings in answer.skills] == [2, 0]


def offered(*skills, **more):
    skills = tuple(each if isinstance(each, OfferedSkill) else OfferedSkill(skill_id=each) for each in skills)
    return request(skills=skills, **more)


def skills_of(listed):
    return list(dict.fromkeys(hypothesis.skill_id for hypothesis in listed.hypotheses))


def test_only_the_skills_that_a_request_offers_are_candidates_however_they_rank():
    models = Small()
    some, none, all_ = hypothesize(models, [offered("d", "a", "gone"), offered("gone"), request()], k=2)
    assert skills_of(some) == ["a", "d"]  # of four: by score, which is 0, -1, -2, -3 for c, b, a, d
    assert skills_of(none) == []
    assert skills_of(all_) == ["c", "b"]
    assert int(models.asked[0][1]["k"]) == 4


def test_whom_a_request_names_or_who_handled_the_turn_before_must_be_offered_too():
    named = offered("c", utterance="ask first night to play", context=Context(previous_skill="d"))
    assert skills_of(hypothesize(Small(), [named], k=2)[0]) == ["c"]
    let = offered("a", "d", utterance="ask first night to play", context=Context(previous_skill="d"))
    assert set(skills_of(hypothesize(Small(), [let], k=1)[0])) & {"a", "d"}


def test_a_skill_is_read_only_as_it_is_offered():
    (free,) = hypothesize(Small(), [offered("a")], k=1)
    intents = {hypothesis.intent for hypothesis in free.hypotheses}
    assert intents == {"Do", None}

    def read(*own):
        (listed,) = hypothesize(Small(), [offered(OfferedSkill(skill_id="a", intents=own))], k=1)
        return [(h.intent, [slot.name for slot in h.slots]) for h in listed.hypotheses]

    assert read(Intent(name="Do", slots=("last",))) == [("Do", ["last"])]
    assert read(Intent(name="Do")) == [("Do", [])]
    assert read(Intent(name="Else", slots=("last",))) == [(None, [])]
