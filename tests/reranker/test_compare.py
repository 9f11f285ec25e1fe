import numpy as np

from components.records.hypothesis_list import HypothesisList
from components.records.logistic import sigmoid
from components.records.reranker import rerank
from components.reranker.compare import answers, judgeable
from components.reranker.gather import gather
from components.reranker.options import RerankerOptions
from components.reranker.train import declared_shares, train_every_loss, train_reranker
from tests.reranker.test_train import DOMAIN_OF, request, some_lists


def test_answers_are_the_first_of_the_re_ranked_lists():
    readings = gather(some_lists(300), DOMAIN_OF)
    shares = declared_shares(readings)
    options = RerankerOptions(loss="R2")
    fitted = {d: train_every_loss(mine, own_share=shares[d], options=options) for d, mine in readings.items()}
    fresh = list(some_lists(200, seed=3))
    found = answers(gather(fresh, DOMAIN_OF), fitted)
    assert sorted(found) == ["R0", "R1", "R2", "R3", "as served"]
    for loss, got in found.items():
        rerankers = {domain: by_loss[loss] for domain, by_loss in fitted.items()}
        first = [rerank(listed, rerankers).hypotheses[0] for listed in fresh]
        np.testing.assert_allclose(got.confidence, sigmoid(np.array([h.scores.reranker for h in first])))
        assert got.right.tolist() == [h.judgement.right for h in first]
        assert [list(fitted)[number] for number in got.domain] == [h.domain for h in first]
    for domain, mine in readings.items():
        assert fitted[domain]["as served"] == train_reranker(mine, own_share=shares[domain], options=options)
        assert fitted[domain]["R2"] != fitted[domain]["as served"]


def test_requests_of_which_nobody_knows_the_right_skill_are_left_out():
    requests = (
        request(1, skill_id="music"),
        request(2, skill_id="music", outcome="rejected"),
        request(3),
        request(4, outcome="out_of_scope"),
        request(5, skill_id="music", outcome="rejected", also_correct=("maps",)),
    )
    lists = [HypothesisList(request=each, hypotheses=()) for each in requests]
    assert [listed.request.request_id for listed in judgeable(lists)] == ["1", "4"]


def test_no_lists_to_answer_and_no_domains():
    readings = gather(some_lists(50), DOMAIN_OF)
    music = train_every_loss(readings["Music"], own_share=0.4, options=RerankerOptions())
    assert len(answers({}, {"Music": music})["R3"].right) == 0
    assert answers(readings, {}) == {}
