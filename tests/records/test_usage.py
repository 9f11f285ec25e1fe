"""What a customer used lately, for batch and live."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.request import Request
from components.records.usage import MOST_SKILLS, MOST_USES, NO_TIME, WINDOW, is_use, used_before


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from("abcd"))).map(sorted), st.integers(0, 60))
def test_only_earlier_uses_are_read_each_skill_at_its_latest(uses, at):
    times, skills = [time for time, _ in uses], [skill for _, skill in uses]
    latest = {skill: time for time, skill in uses if time < at}
    found = used_before(skills, times, at)
    assert dict(found) == latest
    assert [time for _, time in found] == sorted(latest.values(), reverse=True)


def test_uses_older_than_the_window_are_forgotten():
    at = 2 * WINDOW
    assert used_before(["old", "edge"], [at - WINDOW - 1, at - WINDOW], at) == [("edge", at - WINDOW)]


def test_many_uses_cost_no_more():
    skills = [f"s{i}" for i in range(100)]
    assert len(used_before(skills, list(range(100)), 200)) == MOST_SKILLS
    busy = ["rare"] + ["daily"] * MOST_USES
    assert used_before(busy, list(range(len(busy))), 10**6) == [("daily", MOST_USES)]


def test_without_a_time_every_use_counts():
    assert used_before(["a", "b"], [1, 10**15], NO_TIME) == [("b", 10**15), ("a", 1)]


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"skill_id": "a"}, True),
        ({"skill_id": "a", "outcome": "handled"}, True),
        ({"skill_id": "a", "outcome": "rejected"}, False),
        ({"outcome": "out_of_scope"}, False),
        ({}, False),
    ],
)
def test_a_use_is_a_request_that_a_skill_handled(fields, counts):
    assert is_use(Request(request_id="r", utterance="u", **fields)) is counts
