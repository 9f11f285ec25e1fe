"""Calls that wait are answered together, and none pays for another."""

import threading
from contextlib import contextmanager

import pytest

from components.records.errors import RecordError
from components.records.request import OfferedSkill
from components.router.api.calls import RouteCall
from components.router.service.deadline import Deadline
from components.router.service.errors import TOO_LATE, ServiceError
from components.router.service.turns import Turns

WAIT_S = 20.0


class Answers:
    """Answers each call with its utterance in capitals, and holds the first turn until it is let go."""

    def __init__(self):
        self.turns, self.took = [], []
        self.began, self.go = threading.Event(), threading.Event()

    def __call__(self, calls, deadline):
        said = [call.utterance for call in calls]
        self.turns.append(said)
        if said == ["first"]:
            self.began.set()
            assert self.go.wait(WAIT_S)
        deadline.check()
        if "poison" in said:
            raise KeyError("nobody foresaw it")
        return [
            RecordError("bad_value", "utterance", "must not be empty") if not words else words.upper()
            for words in said
        ]


@contextmanager
def behind(answers, together=3):
    """Turns whose first is under way, so that what is asked in the block waits; it ends with the block."""
    turns = Turns(answers, answers.took.append, threads=1, together=together)
    first = ask(turns, "first")
    assert answers.began.wait(WAIT_S)
    try:
        yield turns
    finally:
        answers.go.set()
        turns.close()
    assert first.result(0) == ["FIRST"]
    assert all(seconds >= 0.0 for seconds in answers.took)


def ask(turns, *words, seconds=WAIT_S, read=lambda found: found, **fields):
    calls = [RouteCall(utterance=each, **fields) for each in words]
    return turns.ask(calls, Deadline(seconds), read)


def test_those_who_wait_share_turns_in_their_order():
    answers = Answers()
    with behind(answers) as turns:
        asked = [ask(turns, word) for word in "abcde"]
    assert answers.turns == [["first"], ["a", "b", "c"], ["d", "e"]]
    assert [each.result(0) for each in asked] == [["A"], ["B"], ["C"], ["D"], ["E"]]
    assert len(answers.took) == 3


def test_nobody_shares_where_one_is_the_most():
    answers = Answers()
    with behind(answers, together=1) as turns:
        ask(turns, "a"), ask(turns, "b")
    assert answers.turns == [["first"], ["a"], ["b"]]


def test_calls_that_came_together_stay_together_however_many():
    answers = Answers()
    with behind(answers) as turns:
        asked = [ask(turns, "a"), ask(turns, *"bcdef"), ask(turns, "g"), ask(turns, "h", "i")]
    assert answers.turns == [["first"], ["a"], list("bcdef"), ["g", "h", "i"]]
    assert [each.result(0) for each in asked] == [["A"], list("BCDEF"), ["G"], ["H", "I"]]


@pytest.mark.parametrize("fields", [{"explain": True}, {"skills": (OfferedSkill(skill_id="radio"),)}])
def test_a_call_that_costs_more_than_others_is_alone(fields):
    answers = Answers()
    with behind(answers) as turns:
        ask(turns, "a"), ask(turns, "b", **fields), ask(turns, "c")
    assert answers.turns == [["first"], ["a"], ["b"], ["c"]]


def test_a_hurried_call_hurries_no_other():
    answers = Answers()
    with behind(answers) as turns:
        ask(turns, "a"), ask(turns, "b", seconds=WAIT_S / 3), ask(turns, "c")
    assert answers.turns == [["first"], ["a"], ["b"], ["c"]]


def test_a_turn_that_comes_too_late():
    answers = Answers()
    with behind(answers) as turns:
        late, other = ask(turns, "a", seconds=0.0), ask(turns, "b")
    with pytest.raises(ServiceError) as error:
        late.result(0)
    assert error.value.status is TOO_LATE
    assert other.result(0) == ["B"]


def test_one_that_fails_costs_those_beside_it_nothing():
    answers = Answers()
    with behind(answers) as turns:
        good, bad, other = ask(turns, "a"), ask(turns, "poison"), ask(turns, "b")
    assert good.result(0) == ["A"]
    assert other.result(0) == ["B"]
    with pytest.raises(KeyError):
        bad.result(0)
    assert answers.turns == [["first"], ["a", "poison", "b"], ["a"], ["poison"], ["b"]]


def test_what_reading_an_answer_raises_is_its_callers():
    def only(found):
        raise found[0]

    answers = Answers()
    with behind(answers) as turns:
        bad, other = ask(turns, "", read=only), ask(turns, "b")
    with pytest.raises(RecordError, match="must not be empty"):
        bad.result(0)
    assert other.result(0) == ["B"]


def test_a_call_that_nobody_waits_for_has_no_turn():
    answers = Answers()
    with behind(answers) as turns:
        asked = [ask(turns, word) for word in "abc"]
        assert asked[1].cancel()
    assert answers.turns == [["first"], ["a", "c"]]
