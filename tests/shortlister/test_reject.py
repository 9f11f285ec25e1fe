import math

import numpy as np
import pytest

from components.records.manifest import Refusal
from components.shortlister.reject import (
    acceptance_bound,
    fit_refusal,
    reject_features,
    reject_score,
    threshold_for,
)

RNG = np.random.default_rng(11)


def sample(count, centre):
    return RNG.normal((*centre, 0), size=(count, 4))


def test_features_are_the_best_the_lead_the_energy_and_the_length():
    scores = np.array([[1.0, -2.0, 0.5], [900.0, 900.0, -900.0]])
    expected = [
        [1.0, 0.5, math.log(sum(math.exp(s) for s in scores[0])), 5.0],
        [900.0, 0.0, 900.0 + math.log(2), 0.0],
    ]
    found = reject_features(scores, np.array([[3.0, -4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(reject_features(np.array([[3.0]]), np.array([[2.0]])), [[3.0, 0.0, 3.0, 2.0]])


def test_the_bound_is_that_of_clopper_and_pearson():
    for accepted, requests in [(0, 10), (3, 40), (39, 40)]:
        bound = acceptance_bound(accepted, requests, 0.95)
        terms = (
            math.comb(requests, n) * bound**n * (1 - bound) ** (requests - n) for n in range(accepted + 1)
        )
        assert sum(terms) == pytest.approx(0.05, rel=1e-9)  # as few as seen, with 5 % probability


def test_the_highest_threshold_that_keeps_the_promise():
    scores = RNG.permutation(np.arange(100.0))
    threshold, bound = threshold_for(scores, 0.1, 0.95)
    assert threshold == 4.0  # accepts 0 to 3; with five of a hundred the bound is 0.102
    assert bound == pytest.approx(0.0892, abs=1e-4)


def test_equal_scores_stand_or_fall_together():
    threshold, bound = threshold_for(np.array([1.0] * 50 + [2.0] * 50), 0.1, 0.95)
    assert threshold == 1.0
    assert bound == pytest.approx(acceptance_bound(0, 100, 0.95))


def test_too_few_to_promise_gives_the_strictest_and_an_honest_bound():
    threshold, bound = threshold_for(np.array([3.0, 1.0, 2.0]), 0.1, 0.95)
    assert threshold == 1.0
    assert bound == pytest.approx(1 - 0.05 ** (1 / 3))


def test_the_promise_is_kept_on_new_requests():
    refused = []
    for _ in range(40):
        refusal = fit_refusal(
            sample(400, [3, 1, 3]), sample(100, [0, 0, 1]), false_acceptance=0.1, certainty=0.95
        )
        scores = np.asarray(reject_score(sample(4000, [0, 0, 1]), refusal))
        refused.append(np.mean(scores < refusal.threshold) <= 0.1)
    assert np.mean(refused) >= 0.9


def test_learns_what_parts_the_two():
    refusal = fit_refusal(
        sample(3000, [4, 2, 5]), sample(100, [0, 0, 1]), false_acceptance=0.1, certainty=0.95
    )
    inside, outside = (np.asarray(reject_score(sample(2000, at), refusal)) for at in ([4, 2, 5], [0, 0, 1]))
    assert (inside[:, None] < outside[None, :]).mean() > 0.99
    assert refusal.false_rejection == pytest.approx(np.mean(inside >= refusal.threshold), abs=0.02)
    assert not refusal.accepts(float(outside.max()))
    assert refusal.accepts(float(inside.min()))


def test_the_served_score_is_the_manifests():
    refusal = Refusal(
        weights=(-1.0, 0.5, 2.0, 3.0),
        intercept=0.25,
        threshold=0.0,
        false_acceptance=0.1,
        certainty=0.95,
        bound=0.1,
        false_rejection=0.0,
        out_of_scope=5,
        in_scope=5,
    )
    np.testing.assert_allclose(
        reject_score(np.array([[1.0, 2.0, 3.0, -0.5]]), refusal), [-1 + 1 + 6 - 1.5 + 0.25]
    )


@pytest.mark.parametrize(("inside", "outside"), [(0, 50), (50, 0), (50, 1), (1, 50)])
def test_nothing_is_learned_from_one_kind(inside, outside):
    assert (
        fit_refusal(np.zeros((inside, 4)), np.zeros((outside, 4)), false_acceptance=0.1, certainty=0.95)
        is None
    )


def test_equal_and_extreme_features_stay_finite():
    refusal = fit_refusal(np.full((5, 4), 1e6), np.full((5, 4), 1e6), false_acceptance=0.1, certainty=0.95)
    assert np.isfinite([*refusal.weights, refusal.intercept, refusal.threshold]).all()
