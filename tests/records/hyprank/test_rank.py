import numpy as np
import pytest

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.hyprank.features import FEATURES
from components.records.hyprank.rank import Ranked, hyprank
from components.records.prediction import Scores
from components.records.request import Request, Slot

SLOT = Slot(name="title", value="u", start=0, end=1)


def listed(*skills, intent="Play"):
    hypotheses = tuple(
        ReadCandidate(
            skill_id=skill, domain="d", intent=intent, slots=(SLOT,), scores=Scores(shortlister=score)
        )
        for skill, score in skills
    )
    return HypothesisList(request=Request(request_id="r", utterance="u"), hypotheses=hypotheses, reject=0.5)


class Model:
    """Scores by the negative of the Shortlister's; remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, inputs):
        self.asked.append(inputs)
        scores = np.where(inputs["mask"], -inputs["features"][..., FEATURES.index("shortlister")], -1e9)
        return {
            "scores": scores,
            "confidence": np.where(inputs["mask"], 0.25, 0.0),
            "none": scores[:, 0] * 0 + 0.5,
        }


def test_lists_are_ordered_each_for_itself_in_one_call():
    model = Model()
    first, second, third = hyprank(
        [listed(("a", 3.0), ("b", 1.0), ("c", 2.0)), listed(), listed(("d", 0.0))], model, {}
    )
    assert [h.skill_id for h in first.hypotheses] == ["b", "c", "a"]
    assert [h.scores.hyprank for h in first.hypotheses] == [-1.0, -2.0, -3.0]
    assert second.hypotheses == ()
    assert [h.skill_id for h in third.hypotheses] == ["d"]
    (asked,) = model.asked
    assert asked["features"].shape == (3, 3, len(FEATURES))
    assert asked["mask"].sum(axis=1).tolist() == [3, 0, 1]
    assert asked["skill_ids"].tolist() == [[b"a", b"b", b"c"], [b"", b"", b""], [b"d", b"", b""]]


def test_one_reading_a_skill_with_what_it_read():
    hypotheses = listed(("a", 3.0), intent="best").hypotheses + listed(("a", 2.0), intent="other").hypotheses
    both = HypothesisList(request=Request(request_id="r", utterance="u"), hypotheses=hypotheses)
    (found,) = hyprank([both], Model(), {})
    (best,) = found.hypotheses
    assert (best.intent, best.slots, best.confidence, best.domain) == ("best", (SLOT,), 0.25, "d")
    assert (best.scores.shortlister, best.scores.hyprank) == (3.0, -3.0)


def test_equal_scores_keep_their_order():
    (found,) = hyprank([listed(("c", 1.0), ("a", 1.0), ("b", 1.0))], Model(), {})
    assert [h.skill_id for h in found.hypotheses] == ["c", "a", "b"]


@pytest.mark.parametrize("lists", [[], [listed()], [listed(), listed()]])
def test_where_there_is_nothing_to_order_the_model_is_not_asked(lists):
    model = Model()
    assert hyprank(lists, model, {}) == [Ranked((), 1.0)] * len(lists)
    assert not model.asked


def test_a_request_is_refused_where_none_is_likelier_than_the_best():
    (found,) = hyprank([listed(("a", 1.0))], Model(), {})
    assert found.refused
    assert not found._replace(none=0.2).refused
    assert Ranked((), 1.0).refused
