import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.hypothesis_list import ReadCandidate
from components.records.prediction import Scores
from components.records.request import Context, Request
from components.records.reranker_features import (
    BEHIND,
    CONTINUES,
    DOMAIN,
    ENABLED,
    INTENT,
    SCORES,
    SKILL,
    SLOTS,
    TOGETHER,
    WEAKEST,
    check_names,
    features,
    log_odds,
    score_features,
)

NAN = math.nan


def logit(p):
    return math.log(p / (1 - p))


def columns(domain, intent, slots, skill, starts):
    arrays = (np.array(values, np.float64) for values in (domain, intent, slots, skill))
    return dict(zip(SCORES, score_features(*arrays, np.array(starts)).T, strict=True))


def test_by_hand():
    p = [(0.8, 0.5, 0.9), (0.8, 0.25, 0.9), (0.3, 1.0, 0.2)]
    found = columns(
        [logit(d) for d, _, _ in p],
        [math.log(i) for _, i, _ in p],
        [math.log(s) for _, _, s in p],
        [1.0, 2.0, -3.0],
        [0, 2],
    )
    np.testing.assert_allclose(found[DOMAIN], [logit(0.8), logit(0.8), logit(0.3)])
    np.testing.assert_allclose(found[INTENT], [0.0, logit(0.25), 20.0], atol=1e-9)
    np.testing.assert_allclose(found[SLOTS], [logit(0.9), logit(0.9), logit(0.2)])
    np.testing.assert_allclose(found[TOGETHER], [logit(d * i * s) for d, i, s in p])
    np.testing.assert_allclose(found[WEAKEST], [0.0, logit(0.25), logit(0.2)], atol=1e-9)
    np.testing.assert_allclose(found[BEHIND], [0.0, math.log(0.5), 0.0], atol=1e-9)
    np.testing.assert_allclose(found[SKILL], [1.0, 2.0, -3.0])


def test_an_absent_score_adds_nothing():
    whole = columns([logit(0.8)], [0.0], [math.log(0.5)], [0.0], [0])
    without = columns([logit(0.8)], [NAN], [math.log(0.5)], [NAN], [0])
    assert without[INTENT] == 0.0
    assert without[SKILL] == 0.0
    np.testing.assert_allclose(without[TOGETHER], whole[TOGETHER])
    np.testing.assert_allclose(without[WEAKEST], [0.0], atol=1e-9)


extreme = st.sampled_from([-math.inf, math.inf, -1e30, 1e30, NAN, 0.0, -20.0]) | st.floats(-30.0, 30.0)


@given(st.lists(st.tuples(extreme, extreme, extreme, extreme), min_size=1, max_size=7))
def test_whatever_the_scores_the_features_are_finite_and_bounded(rows):
    found = score_features(*np.array(rows).T, np.zeros(1, np.int64))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 20.0


def test_no_hypotheses_at_all():
    assert score_features(*(np.zeros(0),) * 4, np.zeros(0, np.int64)).shape == (0, len(SCORES))
    assert features(("bias", "device=tv"), Request(request_id="r", utterance="u"), ()).shape == (0, 2)


def test_log_odds_of_a_certainty_are_bounded():
    np.testing.assert_array_equal(log_odds(np.array([0.0, -1e-30, -100.0])), [20.0, 20.0, -20.0])


def test_context_and_facts():
    request = Request(
        request_id="r",
        utterance="u",
        device="tv",
        enabled_skills=("b",),
        context=Context(previous_skill="a", previous_intent="Play"),
    )
    hypotheses = [ReadCandidate(skill_id=s, domain="d", scores=Scores(domain=1.0)) for s in "ab"]
    names = (ENABLED, CONTINUES, "device=tv", "device=phone", "locale=en", "previous_intent=Play", DOMAIN)
    np.testing.assert_array_equal(
        features(names, request, hypotheses), [[0, 1, 1, 0, 0, 1, 1], [1, 0, 1, 0, 0, 1, 1]]
    )


@pytest.mark.parametrize("names", [("nonsense",), ("colour=red",), (DOMAIN, DOMAIN)])
def test_unknown_or_repeated_names_are_refused(names):
    with pytest.raises(ValueError, match="`features`"):
        check_names(names)
