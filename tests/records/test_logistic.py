import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from components.records.calibration import ece
from components.records.logistic import (
    confidences,
    fit_best,
    fit_platt,
    fit_runners_up,
    sigmoid,
)
from components.records.manifest import Calibration

RNG = np.random.default_rng(7)


def test_finds_the_map_that_made_the_data():
    scores = RNG.normal(scale=3, size=50_000)
    right = RNG.random(50_000) < sigmoid(0.6 * scores - 1.0)
    found = fit_platt(scores, right)
    assert found.slope == pytest.approx(0.6, abs=0.02)
    assert found.intercept == pytest.approx(-1.0, abs=0.05)
    assert ece(sigmoid(found.slope * scores + found.intercept), right) < 0.01


@pytest.mark.parametrize("right", [True, False])
def test_no_mistake_or_no_hit_stays_finite(right):
    found = fit_platt(RNG.normal(size=20), np.full(20, right))
    assert np.isfinite([found.slope, found.intercept]).all()
    assert (found.confidence(0.0, 0.0) > 0.5) == right


def test_separable_and_extreme_scores_stay_finite():
    found = fit_platt(np.array([-1e30, -1e4, 1e4, 1e30]), np.array([False, False, True, True]))
    assert np.isfinite([found.slope, found.intercept]).all()


def test_an_order_is_never_turned_round():
    scores = RNG.normal(size=1000)
    assert fit_platt(scores, RNG.random(1000) < sigmoid(-2 * scores)).slope == 0.0


def test_nothing_to_fit_is_the_identity():
    assert fit_platt(np.zeros(0), np.zeros(0, bool)) == Calibration()


def test_the_lead_over_the_runner_up_is_found_and_worth_its_weight():
    scores = -np.sort(-RNG.normal(scale=3, size=(50_000, 4)), axis=1)
    true = Calibration(slope=0.3, lead=0.5, intercept=-1.0)
    right = RNG.random(50_000) < confidences(true, scores)[:, 0]
    found = fit_best(scores, right)
    assert (found.slope, found.lead) == pytest.approx((0.3, 0.5), abs=0.03)
    assert found.intercept == pytest.approx(-1.0, abs=0.1)
    sure = confidences(found, scores)[:, 0]
    assert ece(sure, right) < 0.01
    peer = LogisticRegression(C=np.inf, tol=1e-8).fit(
        np.stack([scores[:, 0], scores[:, 0] - scores[:, 1]], axis=1), right
    )
    assert peer.coef_[0] == pytest.approx([found.slope, found.lead], abs=1e-3)


@pytest.mark.parametrize(("slope", "lead"), [(-0.5, 0.8), (0.8, -0.5)])
def test_a_weight_that_would_be_negative_is_left_out(slope, lead):
    scores = -np.sort(-RNG.normal(scale=3, size=(5_000, 2)), axis=1)
    z = slope * scores[:, 0] + lead * (scores[:, 0] - scores[:, 1])
    found = fit_best(scores, RNG.random(5_000) < sigmoid(z))
    assert (found.slope == 0.0, found.lead == 0.0) == (slope < 0.0, lead < 0.0)


def test_without_a_runner_up_or_a_lead_it_is_platts_map():
    best, right = RNG.normal(size=100), RNG.random(100) < 0.5
    for scores in (best[:, None], np.stack([best, best], axis=1)):
        assert fit_best(scores, right) == fit_platt(best, right)
    assert fit_best(np.zeros((0, 5)), np.zeros(0, bool)) == Calibration()
    absurd = np.array([[1e30, -1e30], [5.0, 4.0], [1e4, 1e4], [-1e30, -1e30]])
    found = fit_best(absurd, np.array([True, False, True, False]))
    assert np.isfinite(confidences(found, absurd)).all()


@pytest.mark.parametrize("truth", [(1.5, 0.0), (0.4, -2.0), (-0.5, -1.0)])
def test_what_runners_up_lose_is_found_and_the_best_candidate_left_alone(truth):
    margin, behind = truth
    scores = -np.sort(-RNG.normal(scale=3, size=(20_000, 4)), axis=1)
    true = Calibration(slope=0.6, margin=margin, intercept=-1.0, behind=behind)
    right = RNG.random(scores.shape) < confidences(true, scores)
    found = fit_runners_up(Calibration(slope=0.6, intercept=-1.0), scores, right)
    assert found.margin == pytest.approx(margin, abs=0.1)
    assert found.behind == pytest.approx(behind, abs=0.15)
    assert ece(confidences(found, scores).ravel(), right.ravel()) < 0.01
    assert (found.slope, found.intercept) == (0.6, -1.0)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_order_of_the_scores_is_kept_whatever_is_right(share):
    scores = -np.sort(-RNG.normal(scale=3, size=(500, 4)), axis=1)
    right = np.zeros(scores.shape, bool)
    right[:, 2:] = RNG.random((500, 2)) < share  # the worse ones alone, against all reason
    found = fit_runners_up(Calibration(slope=0.6, intercept=-1.0), scores, right)
    assert np.all(np.diff(confidences(found, scores), axis=1) <= 1e-12)


def test_no_runner_up_or_ties_alone_need_no_margin():
    platt = Calibration(slope=0.6, intercept=-1.0)
    assert fit_runners_up(platt, np.zeros((5, 1)), np.ones((5, 1), bool)) == platt
    assert fit_runners_up(platt, np.zeros((5, 3)), np.ones((5, 3), bool)) == platt
    assert fit_runners_up(platt, np.zeros((0, 3)), np.ones((0, 3), bool)) == platt


def test_array_and_scalar_form_of_the_map_agree():
    calibration = Calibration(slope=0.6, margin=1.5, lead=0.4, intercept=-1.0, behind=-0.3)
    for scores in ([2.0, 2.0, 1.0, -3.0], [2.0, 0.5], [2.0, -90.0], [2.0]):
        by_hand = [calibration.confidence(score, *scores[:2]) for score in scores]
        np.testing.assert_allclose(confidences(calibration, np.array([scores]))[0], by_hand, rtol=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"slope": -1.0}, {"margin": -1.1}, {"lead": -0.1}, {"behind": 0.1}, {"slope": float("nan")}]
)
def test_a_map_that_turns_the_order_round_is_refused(wrong):
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}`"):
        Calibration(**wrong)


def test_ece_by_hand():
    confidence = np.array([0.95, 0.95, 0.05, 0.0])
    right = np.array([True, False, False, False])
    by_hand = 2 / 4 * abs(1 / 2 - 0.95) + 2 / 4 * abs(0 - 0.025)
    assert ece(confidence, right, bins=10) == pytest.approx(by_hand)
    assert ece(np.zeros(0), np.zeros(0, bool)) == 0.0


def test_sigmoid_does_not_overflow():
    np.testing.assert_array_equal(sigmoid(np.array([-1e30, 0.0, 1e30])), [0.0, 0.5, 1.0])
