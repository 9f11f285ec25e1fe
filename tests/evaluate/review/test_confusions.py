from components.evaluate.judgement import judge
from components.evaluate.review.confusions import Confusion, Mistakes
from components.records.request import Request
from tests.evaluate.world import labelled, prediction


def pair(utterance, truth, answer, confidence=0.5):
    known = labelled(Request(request_id="r", utterance=utterance, skill_id=truth))
    return known, judge(known, prediction("r", (answer, confidence)))


JUDGED = [
    pair("one", "a", "b", 0.2),
    pair("two", "a", "b", 0.9),
    pair("two", "a", "b", 0.4),
    pair("three", "a", "b", 0.6),
    pair("fine", "a", "a"),
    pair("four", "b", "a"),
    pair("five", "c", "a"),
]


def test_the_most_frequent_come_first_with_their_most_confident_mistakes():
    assert Mistakes(JUDGED, max_examples=2).confusions(2) == [
        Confusion(truth="a", predicted="b", count=4, examples=("two", "three")),
        Confusion(truth="b", predicted="a", count=1, examples=("four",)),
    ]


def test_no_utterance_is_shown_where_none_may_be():
    assert all(row.examples == () for row in Mistakes(JUDGED, max_examples=0).confusions(9))


def test_a_request_without_hypotheses_goes_nowhere():
    known = labelled(Request(request_id="r", utterance="u", skill_id="a"))
    [row] = Mistakes([(known, judge(known, prediction("r")))], max_examples=1).confusions(9)
    assert (row.truth, row.predicted) == ("a", "")


def test_without_mistakes_there_is_nothing():
    assert Mistakes(max_examples=3).confusions(9) == []
