"""A regression set held against hand-written predictions, and against the tiny model in service."""

import pytest

from components.records.errors import RecordError
from components.records.prediction import Hypothesis, Prediction
from components.records.request import Request
from components.router.expect import Missed, expect, outcome_of, parse_expectation
from tests.saved_models import SKILLS


def answer(*skills, accepted=True):
    hypotheses = tuple(
        Hypothesis(skill_id=skill_id, domain="D", confidence=0.9 / place)
        for place, skill_id in enumerate(skills, 1)
    )
    return Prediction(request_id="r", accepted=accepted, hypotheses=hypotheses)


def request(**fields):
    return Request(request_id="r", utterance="say", **fields)


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({"skill_id": "a"}, answer("a", "b")),
        ({"skill_id": "a", "also_correct": ("b",)}, answer("b", "a")),
        ({"skill_id": "a", "also_correct": ("b",), "outcome": "rejected"}, answer("b")),
        ({"outcome": "out_of_scope"}, answer("a", accepted=False)),
        ({"outcome": "out_of_scope"}, answer(accepted=False)),
    ],
)
def test_what_reaches_its_skill_is_counted(fields, given):
    found = outcome_of([(request(**fields), given)])
    assert (found.requests, found.reached, found.missed) == (1, 1, ())


@pytest.mark.parametrize(
    ("fields", "given", "missed"),
    [
        ({"skill_id": "b", "also_correct": ("a",)}, answer("c", "a"), (("b", "a"), "c", True, 0.9, 2)),
        ({"skill_id": "b"}, answer("c"), (("b",), "c", True, 0.9, None)),
        ({"skill_id": "b"}, answer("b", accepted=False), (("b",), "b", False, 0.9, 1)),
        ({"skill_id": "b"}, answer(accepted=False), (("b",), None, False, 0.0, None)),
        ({"outcome": "out_of_scope"}, answer("b"), ((), "b", True, 0.9, None)),
        (
            {"skill_id": "a", "also_correct": ("b",), "outcome": "rejected"},
            answer("a"),
            (("b",), "a", True, 0.9, None),
        ),
    ],
)
def test_what_misses_is_told(fields, given, missed):
    expected, got, accepted, confidence, rank = missed
    assert outcome_of([(request(**fields), given)]).missed == (
        Missed(
            request_id="r",
            utterance="say",
            expected=expected,
            got=got,
            accepted=accepted,
            confidence=confidence,
            rank=rank,
        ),
    )


def test_the_shortest_form_is_enough():
    assert parse_expectation(b'{"utterance": "say", "skill_id": "a"}', 7) == Request(
        request_id="line 7", utterance="say", skill_id="a"
    )


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"utterance": "say"}', "skill_id"),
        (b'{"request_id": "r", "utterance": "say", "skill_id": "a", "outcome": "rejected"}', "skill_id"),
        (b'{"skill_id": "a"}', "utterance"),
        (b'{"utterance": "say", "skil_id": "a"}', "skil_id"),
    ],
)
def test_a_bad_line_names_its_field(line, field):
    with pytest.raises(RecordError) as raised:
        parse_expectation(line, 1)
    assert raised.value.field == field


def test_the_models_in_service_are_asked(work):
    requests = [request(skill_id=skill_id) for skill_id in SKILLS]
    done = []
    found = expect(work, requests, top=len(SKILLS), progress=done.append)
    assert found.requests == len(SKILLS)
    assert done == [len(SKILLS)]
    assert {missed.rank for missed in found.missed} >= {2, 3}
    assert len({missed.got for missed in found.missed}) == 1
