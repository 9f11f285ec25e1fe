import pytest

from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE, UNLABELLED, judge
from components.records.request import Request
from tests.evaluate.world import labelled, prediction


def judged(answer=(("a", 0.8), ("b", 0.1), ("c", 0.05)), popular=None, accepted=True, **fields):
    request = labelled(Request(request_id="r", utterance="play it", **fields))
    return judge(request, prediction("r", *answer, accepted=accepted), popular)


def test_a_handled_request_counts_against_all_right_skills_and_against_its_own():
    found = judged(skill_id="c", also_correct=("b",))
    assert (found.kind, found.rank, found.skill_rank, found.truth) == (ANSWERABLE, 2, 3, "c")
    assert not found.right


def test_an_also_correct_answer_is_right_and_is_its_own_class():
    found = judged(skill_id="z", also_correct=("a",))
    assert found.right
    assert (found.truth, found.predicted, found.skill_rank) == ("a", "a", 0)


def test_rejected_without_also_correct_is_unlabelled():
    assert judged(skill_id="a", outcome="rejected").kind == UNLABELLED


def test_rejected_counts_with_also_correct_and_never_for_the_skill_that_failed():
    found = judged(skill_id="a", outcome="rejected", also_correct=("b", "a", "c"))
    assert (found.kind, found.rank, found.skill_rank, found.truth) == (ANSWERABLE, 2, NO_SINGLE_SKILL, "b")


@pytest.mark.parametrize("accepted", [True, False])
def test_out_of_scope_counts_for_refusal(accepted):
    found = judged(outcome="out_of_scope", accepted=accepted)
    assert (found.kind, found.accepted, found.right) == (OUT_OF_SCOPE, accepted, False)


@pytest.mark.parametrize("fields", [{}, {"outcome": "handled"}, {"also_correct": ("a",)}])
def test_without_skill_id_a_request_is_unlabelled(fields):
    assert judged(**fields).kind == UNLABELLED


def test_no_hypothesis_is_a_miss_with_confidence_zero():
    found = judged((), skill_id="a")
    assert (found.rank, found.skill_rank, found.predicted, found.confidence) == (0, 0, "", 0.0)


@pytest.mark.parametrize(("popular", "right"), [("b", True), ("z", False), (None, False)])
def test_the_popular_skill_is_judged_by_the_same_rule(popular, right):
    assert judged(skill_id="c", also_correct=("b",), popular=popular).popular is right


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_that_is_no_probability_is_an_error(confidence):
    with pytest.raises(ValueError, match="confidence"):
        judged((("a", confidence),), skill_id="a")


def test_a_prediction_for_another_request_is_an_error():
    with pytest.raises(ValueError, match="prediction"):
        judge(labelled(Request(request_id="r", utterance="u")), prediction("s"))
