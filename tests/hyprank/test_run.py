"""From re-ranked hypothesis lists to a served model, and back to ranked lists."""

import numpy as np
import pytest

from components.hyprank.gather import rank_lists, skill_table
from components.hyprank.options import HypRankOptions
from components.hyprank.run import train_hyprank
from components.records.catalogue import Catalogue
from components.records.hypothesis_list import HypothesisList, Judgement, ReadCandidate
from components.records.hyprank.features import FEATURES, SKILL_FEATURES
from components.records.hyprank.rank import hyprank
from components.records.judge import judged, reference_frame
from components.records.prediction import Scores
from components.records.request import Request, Routing
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.skill import Skill

CATALOGUE = Catalogue(Skill(skill_id=f"s{n}", domain=f"d{n % 3}", name=f"skill {n}") for n in range(7))
DOMAIN_OF = {skill.skill_id: skill.domain for skill in CATALOGUE}
COUNTS = {"s0": 50, "s1": 3}
TINY = HypRankOptions(lstm_size=5, hidden_size=11, epochs=4, batch_size=32, learning_rate=0.01)


def some_lists(count, seed):
    """The enabled skill is the right one, whatever its score."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        skills = rng.permutation(7)[:3]
        right = f"s{skills[rng.integers(3)]}"
        request = Request(
            request_id=str(number),
            utterance="u",
            enabled_skills=(right,),
            skill_id=right if number % 10 else "s-elsewhere",
        )
        hypotheses = tuple(
            ReadCandidate(
                skill_id=f"s{n}",
                domain=f"d{n % 3}",
                intent="i",
                scores=Scores(shortlister=float(score), domain=0.5, intent=-0.1, slots=-0.1, reranker=0.3),
            )
            for n, score in zip(skills, rng.normal(size=3), strict=True)
        )
        listed = HypothesisList(request=request, hypotheses=hypotheses, reject=-1.0)
        yield judged(listed, reference_frame(request, DOMAIN_OF.get(request.skill_id, "elsewhere")))


def test_the_skill_table_has_a_row_of_zeros_and_one_for_each_skill():
    table = skill_table(CATALOGUE, COUNTS)
    assert table.shape == (8, len(SKILL_FEATURES))
    assert not table[0].any()
    popular = table[1:, SKILL_FEATURES.index("popularity")]
    assert popular[0] == popular.max() > popular[1] > popular[2] == popular[6]


def test_lists_as_arrays():
    request = Request(request_id="r", utterance="u", skill_id="s1", also_correct=("s2",))
    told = [("s1", True), ("s2", True), ("s3", False), ("s4", True), ("gone", None)]
    hypotheses = tuple(
        ReadCandidate(
            skill_id=skill_id,
            domain="d",
            scores=Scores(shortlister=1.0),
            judgement=None if right is None else Judgement(skill_right=right, right=False),
        )
        for skill_id, right in told
    )
    listed = HypothesisList(request=request, hypotheses=hypotheses, pseudo_labels=("s4",))
    found = rank_lists([listed, HypothesisList(request=request, hypotheses=())], CATALOGUE)
    assert found.features.shape == (2, 5, len(FEATURES))
    assert found.mask.tolist() == [[True] * 5, [False] * 5]
    assert found.skills.tolist() == [[2, 3, 4, 5, 0], [0] * 5]
    assert found.right[0].tolist() == [True, False, False, True, False]
    assert found.right_any[0].tolist() == [True, True, False, True, False]
    assert found.known[0].tolist() == [True] * 4 + [False]
    assert found.judged.tolist() == [True, True]


def test_a_failed_skill_is_wrong_and_nothing_is_said_of_the_others():
    request = Request(request_id="r", utterance="u", skill_id="s1", outcome="rejected")
    hypotheses = tuple(ReadCandidate(skill_id=s, domain="d") for s in ("s1", "s2"))
    found = rank_lists([judged(HypothesisList(request=request, hypotheses=hypotheses), None)], CATALOGUE)
    assert found.known.tolist() == [[True, False]]
    assert not found.right.any()
    assert found.judged.tolist() == [False]


def test_a_list_weighs_by_the_choice_that_its_label_speaks_of():
    def listed(skill_id, propensity):
        routing = None if propensity is None else Routing(chosen="s1", propensity=propensity)
        request = Request(request_id="r", utterance="u", skill_id=skill_id, routing=routing)
        return HypothesisList(request=request, hypotheses=())

    lists = [listed("s1", 0.5), listed("s1", 1.0), listed("s2", 0.5), listed("s1", None)]
    assert rank_lists(lists, CATALOGUE).weight.tolist() == pytest.approx([4 / 3, 2 / 3, 1.0, 1.0])


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hyprank") / "1"
    manifest = train_hyprank(
        list(some_lists(500, 1)), list(some_lists(200, 2)), CATALOGUE, COUNTS, TINY, version_folder=folder
    )
    return manifest, [Servable.load(folder, saved_model=form) for form in (False, True)]


def test_a_trained_model_ranks_lists_alike_in_both_forms(served):
    manifest, forms = served
    assert manifest.kind == "hyprank"
    assert manifest.metrics["dev_top1"] > 0.8
    lists = [
        *some_lists(50, 3),
        HypothesisList(request=Request(request_id="e", utterance="u"), hypotheses=()),
    ]
    twin, saved = (
        hyprank(lists, lambda i, f=form: f.predict(DEFAULT_SIGNATURE, i), DOMAIN_OF) for form in forms
    )
    right = 0
    for listed, first, second in zip(lists, twin, saved, strict=True):
        assert [h.skill_id for h in first.hypotheses] == [h.skill_id for h in second.hypotheses]
        assert first.none == pytest.approx(second.none, abs=1e-5)
        confidences = [[h.confidence for h in ranked.hypotheses] for ranked in (first, second)]
        np.testing.assert_allclose(*confidences, atol=1e-5)
        assert confidences[0] == sorted(confidences[0], reverse=True)
        right += bool(first.hypotheses) and first.hypotheses[0].skill_id in listed.request.enabled_skills
    assert right > 40
    assert twin[-1].none == 1.0


def test_a_request_is_ranked_alone_as_among_others(served):
    _, (twin, _) = served
    lists = list(some_lists(5, 4))
    lists[2] = HypothesisList(request=lists[2].request, hypotheses=lists[2].hypotheses[:1])

    def predict(inputs):
        return twin.predict(DEFAULT_SIGNATURE, inputs)

    together = hyprank(lists, predict, DOMAIN_OF)
    for one, expected in zip(lists, together, strict=True):
        (alone,) = hyprank([one], predict, DOMAIN_OF)
        assert [h.skill_id for h in alone.hypotheses] == [h.skill_id for h in expected.hypotheses]
        assert alone.none == pytest.approx(expected.none, abs=1e-6)
