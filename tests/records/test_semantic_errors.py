import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.request import Slot
from components.records.semantic_errors import (
    Frame,
    expected_semer,
    oracle_semer,
    semantic_errors,
    slot_values,
)

TITLE, AUDIO = ("title", "moana"), ("format", "audio")
TRUTH = Frame(skill_id="reader", domain="Books", intent="PlayBook", slots=(TITLE, AUDIO))


def changed(**fields: object) -> Frame:
    return msgspec.structs.replace(TRUTH, **fields)


@pytest.mark.parametrize(
    ("reading", "intent", "slots"),
    [
        pytest.param(TRUTH, 0, 0, id="identical"),
        pytest.param(changed(slots=(TITLE,)), 0, 1, id="slot missed"),
        pytest.param(changed(slots=(("title", "frozen"), AUDIO)), 0, 1, id="wrong value is one substitution"),
        pytest.param(changed(intent="BuyBook"), 1, 0, id="wrong intent"),
        pytest.param(changed(intent="BuyBook", slots=()), 1, 2, id="wrong intent and no slots"),
        pytest.param(changed(slots=(TITLE, AUDIO, ("speed", "fast"))), 0, 1, id="extra slot"),
        pytest.param(
            Frame(skill_id="player", domain="Music", intent="PlayMusic", slots=(("album", "moana"), AUDIO)),
            1,
            2,
            id="another domain: intent, deletion, insertion",
        ),
        pytest.param(changed(domain="Music"), 1, 0, id="intents belong to a domain"),
        pytest.param(changed(skill_id="other"), 1, 0, id="and are carried out by a skill"),
        pytest.param(changed(slots=(AUDIO, TITLE)), 0, 0, id="order does not count"),
        pytest.param(None, 1, 2, id="refused"),
        pytest.param(changed(slots=(TITLE, TITLE, AUDIO)), 0, 1, id="the same slot twice"),
    ],
)
def test_the_listed_cases(reading, intent, slots):
    errors = semantic_errors(TRUTH, reading)
    assert (errors.intent, errors.slots, errors.size) == (intent, slots, 1 + 2)
    assert errors.semer == pytest.approx((intent + slots) / (1 + 2))


def test_values_are_compared_normalised():
    spoken = Slot(name="title", value="  MOANA ", start=0, end=8)
    assert semantic_errors(TRUTH, changed(slots=(*slot_values([spoken]), AUDIO))).total == 0


def test_insertions_take_semer_above_one():
    bare = Frame(skill_id="s", domain="d", intent="i")
    assert semantic_errors(bare, msgspec.structs.replace(bare, slots=(TITLE, AUDIO))).semer == 2.0


slots = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=5).map(tuple)


@given(slots, slots)
def test_errors_are_the_levenshtein_distance_of_the_best_pairing(reference, reading):
    """Slots of one name pair up freely: equal ones first, the others as substitutions."""
    found = semantic_errors(changed(slots=reference), changed(slots=reading))
    expected = 0
    for name in "abc":
        ours, theirs = ([v for n, v in side if n == name] for side in (reference, reading))
        equal = sum(min(ours.count(value), theirs.count(value)) for value in "xyz")
        expected += max(len(ours), len(theirs)) - equal
    assert found.slots == expected
    assert (found.total == 0) == (sorted(reference) == sorted(reading))


def test_expected_semer_by_hand():
    weights = [math.exp(2.0), math.exp(0.0), math.exp(-1.0)]
    by_hand = (weights[1] * 0.5 + weights[2] * 1.5) / sum(weights)
    assert expected_semer([2.0, 0.0, -1.0], [0.0, 0.5, 1.5]) == pytest.approx(by_hand)


@pytest.mark.parametrize(("scores", "expected"), [([1e4, -1e4], 0.25), ([-1e4, -1e4], 0.5), ([3.0], 0.25)])
def test_expected_semer_of_extreme_scores(scores, expected):
    assert expected_semer(scores, [0.25, 0.75][: len(scores)]) == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(0, 3)), min_size=1, max_size=7))
def test_expected_semer_lies_between_oracle_and_worst(pairs):
    scores, semers = zip(*pairs, strict=True)
    expected = expected_semer(scores, semers)
    assert oracle_semer(semers) - 1e-9 <= expected <= max(semers) + 1e-9
    moved = expected_semer(np.add(scores, 7.0).tolist(), semers)
    assert moved == pytest.approx(expected, abs=1e-6)  # a domain's offset is free under R1


def test_what_cannot_be_averaged_is_refused():
    with pytest.raises(ValueError, match="`scores` and `semers` must have the same length"):
        expected_semer([1.0], [])
    with pytest.raises(ValueError, match="`scores` and `semers`"):
        expected_semer([], [])
    with pytest.raises(ValueError, match="`semers` must not be empty"):
        oracle_semer([])
