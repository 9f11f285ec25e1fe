import math

import msgspec
import numpy as np
import pytest

from components.records.hypothesis_list import HypothesisList, Judgement, ReadCandidate
from components.records.logistic import sigmoid
from components.records.prediction import Scores
from components.records.request import Request
from components.records.reranker import rerank
from components.records.reranker_features import FACTS, SCORES, features
from components.reranker.gather import arrays, feature_names, gather
from components.reranker.options import RerankerOptions
from components.reranker.train import declared_shares, train_reranker

DOMAIN_OF = {"music": "Music", "radio": "Music", "maps": "Travel"}


def read(skill_id, odds, right=None, errors=None):
    judgement = None if right is None else Judgement(skill_right=right, right=right, errors=errors)
    scores = Scores(shortlister=0.0, domain=odds, intent=-0.1, slots=-0.2)
    return ReadCandidate(
        skill_id=skill_id, domain=DOMAIN_OF[skill_id], intent="i", scores=scores, judgement=judgement
    )


def request(number=0, **fields):
    return Request(request_id=str(number), utterance="u", **fields)


def some_lists(count, *, seed=0, own=0.4):
    """Music's own requests come mostly from a TV; its domain model does not know."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        mine = rng.random() < own
        odds = rng.normal(scale=1.0) + (1.0 if mine else -1.0)
        device = "tv" if rng.random() < (0.8 if mine else 0.2) else "phone"
        right = [mine, False] if rng.random() < 0.8 else [False, mine]
        music = [
            read("music", odds, right[0], int(not right[0])),
            read("radio", odds, right[1], int(not right[1])),
        ]
        travel = [read("maps", -odds, not mine, 0 if not mine else 1)]
        truth = "music" if mine else "maps"
        yield HypothesisList(
            request=request(number, skill_id=truth, device=device), hypotheses=(*music, *travel)
        )


def test_readings_are_gathered_by_domain_without_those_of_which_nothing_is_known():
    unread = ReadCandidate(
        skill_id="maps", domain="Travel", judgement=Judgement(skill_right=True, right=True)
    )
    lists = [
        HypothesisList(
            request=request(1, skill_id="music"),
            hypotheses=(read("music", 1.0, True, 0), read("maps", 0.0), unread),
        ),
        HypothesisList(request=request(2, skill_id="maps"), hypotheses=(read("radio", 1.0, False, None),)),
        HypothesisList(
            request=request(3, skill_id="music", outcome="rejected"),
            hypotheses=(read("music", 1.0, False, None),),
        ),
        HypothesisList(request=request(4), hypotheses=()),
    ]
    found = gather(lists, DOMAIN_OF)
    assert list(found) == ["Music"]
    assert [(r.request.request_id, len(r.hypotheses), r.own) for r in found["Music"]] == [
        ("1", 1, True),
        ("2", 1, False),
        ("3", 1, False),
    ]
    assert found["Music"][0].semer == (0.0,)
    assert math.isnan(found["Music"][1].semer[0])


def test_a_value_of_the_context_gets_a_weight_where_enough_requests_have_it_and_others_lack_it():
    readings = gather(some_lists(60), DOMAIN_OF)["Music"]
    assert feature_names(readings, least=5) == (*SCORES, *FACTS, "device=phone", "device=tv")
    assert feature_names(readings, least=61) == (*SCORES, *FACTS)
    assert feature_names(readings[:1], least=1) == (*SCORES, *FACTS)


def test_arrays_hold_what_the_readings_say():
    readings = gather(some_lists(13), DOMAIN_OF)["Music"]
    names = feature_names(readings, least=1)
    lists = arrays(readings, names)
    assert lists.sizes.tolist() == [2] * 13
    np.testing.assert_array_equal(
        lists.features[4:6], features(names, readings[2].request, readings[2].hypotheses)
    )
    assert lists.own.tolist() == [r.request.skill_id == "music" for r in readings]
    assert lists.right[:2].tolist() == [h.judgement.right for h in readings[0].hypotheses]


def test_a_trained_re_ranker_knows_the_tv_and_ranks_as_in_training():
    lists = list(some_lists(1500))
    readings = gather(lists, DOMAIN_OF)
    shares = declared_shares(readings)
    assert shares["Music"] == pytest.approx(0.4, abs=0.05)
    rerankers = {
        domain: train_reranker(mine, own_share=shares[domain], options=RerankerOptions())
        for domain, mine in readings.items()
    }
    weights = dict(zip(rerankers["Music"].features, rerankers["Music"].weights, strict=True))
    assert weights["device=tv"] - weights["device=phone"] > 1.5
    assert any(line.startswith("on tv: +") for line in rerankers["Music"].in_words())
    fresh = list(some_lists(1500, seed=1))
    best = [rerank(listed, rerankers).hypotheses[0] for listed in fresh]
    said = sigmoid(np.array([hypothesis.scores.reranker for hypothesis in best]))
    right = np.array([hypothesis.judgement.right for hypothesis in best])
    assert abs(said.mean() - right.mean()) < 0.03


def test_a_domain_that_chooses_its_own_examples_agrees_with_traffic_by_the_declared_prior():
    readings = gather(some_lists(4000, own=0.1), DOMAIN_OF)["Music"]
    share = declared_shares({"Music": readings})["Music"]
    shared = train_reranker(readings, own_share=share, options=RerankerOptions(loss="R2"))
    alone = RerankerOptions(loss="R2", mode="independent", foreign=0.5)
    declared = train_reranker(readings, own_share=share, options=alone)
    undeclared = train_reranker(readings, own_share=2 / 3, options=alone)
    rows = arrays(readings, shared.features).features
    level = {
        name: sigmoid(rows @ np.array(r.weights)).mean()
        for name, r in (("shared", shared), ("declared", declared), ("undeclared", undeclared))
    }
    assert level["declared"] == pytest.approx(level["shared"], abs=0.015)
    assert level["undeclared"] > 3 * level["shared"]
    assert declared.own_share == share


@pytest.mark.parametrize("mode", ["shared", "independent"])
def test_a_domain_without_own_requests_or_without_any_gets_r0(mode):
    foreign = gather(some_lists(40, own=0.0), DOMAIN_OF)["Music"]
    for readings in ([], foreign):
        found = train_reranker(readings, own_share=0.0, options=RerankerOptions(mode=mode))
        assert found.loss == "R0"
        assert found.lists == len(readings)


def test_only_own_requests_are_learnt_from_as_they_are():
    readings = gather(some_lists(200, own=1.0), DOMAIN_OF)["Music"]
    found = train_reranker(readings, own_share=1.0, options=RerankerOptions(mode="independent"))
    assert found.loss == "R3"
    assert np.isfinite(found.weights).all()


@pytest.mark.parametrize(
    "change", [{"loss": "R4"}, {"mode": "alone"}, {"l2": 0.0}, {"least": 0}, {"foreign": -1.0}]
)
def test_bad_options_are_refused(change):
    (name,) = change
    with pytest.raises(ValueError, match=f"`{name}`"):
        RerankerOptions(**change)


def test_options_round_trip():
    options = RerankerOptions(loss="R2", mode="independent")
    assert msgspec.json.decode(msgspec.json.encode(options), type=RerankerOptions) == options
