"""Composing, with models that are plain functions."""

import math

import numpy as np
import pytest

from components.records.examples import prediction_from, prediction_values
from components.records.manifest import Calibration, Manifest, SkillNames
from components.records.parse import to_json
from components.records.request import Context, Request, Slot
from components.router.compose import compose
from components.router.models import Answer, Release
from tests.saved_models import refusal

NAMES = (
    SkillNames(name="Film Night"),
    SkillNames(name="Shared", invocations=("taxi call",)),
    SkillNames(name="Shared"),
)


class Fixed:
    """Answers every request with the same candidates."""

    def __init__(
        self, skills, scores, *, reject=0.0, above=None, slope=2.0, intercept=0.5, named=None, names=NAMES
    ):
        self.skills, self.scores, self.reject = skills, scores, reject
        self.asked = []
        manifest = Manifest(
            kind="shortlister",
            skill_ids=("a", "b", "c"),
            domains=("A", "B", "B"),
            calibration=Calibration(slope=slope, intercept=intercept),
            refusal=None if above is None else refusal(above),
            names=names,
            named_confidence=named,
            catalogue_hash="",
        )
        self.release = Release("shortlister", 1, manifest)

    def current(self, model):
        return self.release

    def serves(self, model):
        return model == "shortlister"

    def run(self, model, inputs):
        self.asked.append((model, inputs))
        rows, k = len(inputs["utterance"]), int(inputs["k"])
        skills = np.array([[s.encode() for s in self.skills[:k]]] * rows, dtype=object)
        outputs = {"skill_ids": skills, "scores": np.float32([self.scores[:k]] * rows)}
        if self.reject is not None:
            outputs["reject"] = np.float32([self.reject] * rows)
        return Answer(outputs, self.release)


def request(**fields):
    return Request(**{"request_id": "r", "utterance": "play", **fields})


def test_confidence_is_the_calibrated_score():
    (prediction,) = compose(Fixed(("b", "a"), (1.5, -2.0)), [request()], top=2)
    assert [h.skill_id for h in prediction.hypotheses] == ["b", "a"]
    assert [h.domain for h in prediction.hypotheses] == ["B", "A"]
    best = prediction.hypotheses[0]
    assert best.confidence == pytest.approx(1 / (1 + math.exp(-(2.0 * 1.5 + 0.5))))
    assert best.scores.shortlister == pytest.approx(1.5)
    assert best.scores.reranker is best.intent is None


@pytest.mark.parametrize(
    ("reject", "above", "accepted"),
    [(7.0, None, True), (0.5, 0.6, True), (0.75, 0.75, False), (2.0, 0.6, False), (None, 0.6, True)],
)
def test_accepted_is_the_reject_score_against_the_stored_threshold(reject, above, accepted):
    (prediction,) = compose(Fixed(("a",), (0.0,), reject=reject, above=above), [request()], top=3)
    assert prediction.accepted is accepted
    assert len(prediction.hypotheses) == 1


def test_a_skill_named_twice_counts_once_and_scores_that_are_no_number_not_at_all():
    models = Fixed(("a", "a", "b", "c"), (3.0, 2.0, math.nan, -math.inf))
    (prediction,) = compose(models, [request()], top=4)
    assert [(h.skill_id, h.scores.shortlister) for h in prediction.hypotheses] == [("a", 3.0)]


def test_no_candidate_is_a_refusal():
    (prediction,) = compose(Fixed((), ()), [request()], top=1)
    assert not prediction.accepted
    assert prediction.hypotheses == ()


def test_the_models_are_asked_what_was_said_and_what_is_enabled():
    models = Fixed(("a",), (1.0,))
    compose(models, [request(enabled_skills=("x", "y")), request(utterance="stöp")], top=3)
    ((model, inputs),) = models.asked
    assert model == "shortlister"
    assert inputs["utterance"].tolist() == [b"play", "stöp".encode()]
    assert inputs["enabled"].tolist() == [[b"x", b"y"], [b"", b""]]
    assert inputs["k"] == 3


def test_labels_in_a_request_change_no_byte_of_what_the_models_are_asked():
    told = request(
        utterance="play it",
        skill_id="c",
        intent="i",
        slots=(Slot(name="s", value="it", start=5, end=7),),
        also_correct=("b",),
        outcome="handled",
        context=Context(new_intent=True),
    )
    models = Fixed(("a", "b"), (1.0, 0.0))
    (with_labels,) = compose(models, [told], top=2)
    (without,) = compose(models, [request(utterance="play it")], top=2)
    assert to_json(with_labels) == to_json(without)
    (_, first), (_, second) = models.asked
    assert {name: array.tolist() for name, array in first.items()} == {
        name: array.tolist() for name, array in second.items()
    }


def test_nothing_asked_nothing_answered():
    models = Fixed((), ())
    assert compose(models, [], top=1) == []
    assert models.asked == []


def test_a_skill_outside_the_manifest_and_a_bad_top():
    with pytest.raises(ValueError, match=r"manifest lacks\. Received: 'z'"):
        compose(Fixed(("z",), (1.0,)), [request()], top=1)
    with pytest.raises(ValueError, match=r"`top` must be positive\. Received: top=0"):
        compose(Fixed((), ()), [request()], top=0)


def read_texts(models):
    return [inputs["utterance"].tolist() for _, inputs in models.asked]


@pytest.mark.parametrize("named", [0.9, 0.2])
def test_a_skill_named_outright_comes_first_and_the_model_reads_the_command(named):
    models = Fixed(("b", "c", "a"), (1.5, 0.0, -3.0), named=named)
    (prediction,) = compose(models, [request(utterance="Alexa, ask film night to play it")], top=3)
    assert read_texts(models) == [[b"play it"]]
    assert [h.skill_id for h in prediction.hypotheses] == ["a", "b", "c"]
    assert prediction.hypotheses[0].domain == "A"
    assert [h.scores.shortlister for h in prediction.hypotheses] == [-3.0, 1.5, 0.0]
    own = [models.release.manifest.calibration.confidence(score, 1.5) for score in (1.5, 0.0)]
    assert [h.confidence for h in prediction.hypotheses] == [named, *(min(c, named) for c in own)]


def test_a_named_skill_off_the_shortlist_has_no_score_and_the_list_stays_as_long():
    models = Fixed(("b", "c"), (1.5, 0.0), named=0.9)
    (prediction,) = compose(models, [request(utterance="ask film night to play")], top=2)
    assert [(h.skill_id, h.scores.shortlister) for h in prediction.hypotheses] == [("a", None), ("b", 1.5)]
    assert prediction_from(prediction_values(prediction) | {"request_id": ["r"]}) == prediction


def test_a_bare_launch_is_read_as_it_was_said():
    models = Fixed(("a", "b"), (1.5, 0.0), named=0.9)
    (prediction,) = compose(models, [request(utterance="open taxi call")], top=2)
    assert read_texts(models) == [[b"open taxi call"]]
    assert [h.skill_id for h in prediction.hypotheses] == ["b", "a"]


@pytest.mark.parametrize(
    ("utterance", "changes"),
    [
        ("ask nobody to play", {}),
        ("ask shared to play", {}),  # two skills of that name
        ("get me a car using taxi call", {}),  # loose
        ("ask film night to play", {"named": None}),
        ("ask film night to play", {"names": ()}),  # a manifest from before there were names
    ],
)
def test_what_names_no_skill_outright_is_answered_by_the_model(utterance, changes):
    models = Fixed(("c", "a", "b"), (1.5, 0.0, -1.0), **{"named": 0.9, **changes})
    (prediction,) = compose(models, [request(utterance=utterance)], top=3)
    assert read_texts(models) == [[utterance.encode()]]
    assert [h.skill_id for h in prediction.hypotheses] == ["c", "a", "b"]
    assert prediction.hypotheses[0].confidence == pytest.approx(1 / (1 + math.exp(-3.5)))


def test_a_named_skill_is_accepted_whatever_the_model_says_of_the_command():
    models = Fixed(("b",), (-9.0,), named=0.9, reject=9.0, above=0.0)
    (prediction,) = compose(models, [request(utterance="ask film night to play")], top=2)
    assert prediction.accepted


def test_the_version_that_answers_decides_what_is_a_name():
    models = Fixed(("b",), (1.0,), named=None)
    models.current = lambda model: Release("shortlister", 2, Fixed((), (), named=0.9).release.manifest)
    (prediction,) = compose(models, [request(utterance="ask film night to play")], top=2)
    assert read_texts(models) == [[b"play"], [b"ask film night to play"]]
    assert [h.skill_id for h in prediction.hypotheses] == ["b"]
