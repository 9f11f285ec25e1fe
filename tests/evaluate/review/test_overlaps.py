"""Skills that take requests from each other: counted by hand, drawn, escaped."""

import random
from collections import Counter

from components.evaluate.judgement import judge
from components.evaluate.review.charts.overlaps import overlap_map
from components.evaluate.review.confusions import Mistakes
from components.evaluate.review.overlaps import Overlaps, Pair, overlaps
from components.records.request import Request
from tests.evaluate.world import HOSTILE, labelled, prediction


def mistakes(*answers):
    """Of (right skill, skill answered) pairs; None: no hypothesis."""
    judged = []
    for truth, answered in answers:
        known = labelled(Request(request_id="r", utterance="u", skill_id=truth))
        ranked = () if answered is None else ((answered, 0.5),)
        judged.append((known, judge(known, prediction("r", *ranked))))
    return Mistakes(judged)


def test_pairs_and_matrix_by_hand():
    found = overlaps(
        mistakes(
            ("a", "b"), ("a", "b"), ("b", "a"), ("a", "a"), ("c", "a"), ("c", None), ("d", "d"), ("c", "c")
        ),
        max_skills=9,
    )
    assert found.pairs == (Pair("a", "b", 2, 1, 3), Pair("c", "a", 1, 0, 3))
    assert found.skills == ("a", "b", "c")
    assert found.requests == (3, 1, 3)
    assert found.matrix == ((1, 2, 0), (1, 0, 0), (1, 0, 1))


def test_only_so_many_skills_and_the_worst_pairs_first():
    answers = [("a", "b")] * 5 + [("c", "d")] * 4 + [("e", "f")] * 3 + [("b", "c")] * 2
    found = overlaps(mistakes(*answers), max_skills=4)
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a", "b"), ("c", "d"), ("b", "c")]
    assert found.skills == ("a", "b", "c", "d")


def test_rows_add_up_to_the_requests_where_all_skills_are_shown():
    rng = random.Random(3)
    answers = [(rng.choice("abcdef"), rng.choice("abcdef")) for _ in range(211)]
    found = overlaps(mistakes(*answers), max_skills=6)
    count = Counter(answers)
    assert sorted(found.skills) == list("abcdef")
    for skill, row, requests in zip(found.skills, found.matrix, found.requests, strict=True):
        assert requests == sum(row) == sum(truth == skill for truth, _ in answers)
        assert list(row) == [count[skill, other] for other in found.skills]


def test_without_mistakes_there_is_no_pair():
    assert overlaps(mistakes(("a", "a"), ("b", None)), max_skills=9) == Overlaps()


def test_the_map_is_drawn_and_escaped():
    drawn = overlap_map(overlaps(mistakes((HOSTILE, "b"), ("b", "b")), max_skills=9))
    assert HOSTILE not in drawn
    assert drawn.count("<rect") == 4
    assert "1 of 1 requests" in drawn
