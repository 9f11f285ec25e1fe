import dataclasses
import time

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from components.records.logistic import sigmoid
from components.reranker.fit import calibrated, fit, fit_weights, objective, unweighted
from tests.reranker.random_lists import random_lists

NAMES = ("bias", "domain", "intent", "together", "device=tv")
R0 = unweighted(NAMES)


def test_r2_is_logistic_regression():
    lists = random_lists(5, lists=401)
    found = fit_weights(lists, R0, loss="R2", l2=1e-6)
    peer = LogisticRegression(C=1e9, tol=1e-10, max_iter=1000, fit_intercept=False)
    peer.fit(lists.features, lists.right, lists.spread(lists.weight / lists.sizes))
    np.testing.assert_allclose(found, peer.coef_[0], atol=2e-3)


def test_r2_leans_to_r0_as_logistic_regression_leans_to_zero():
    lists = random_lists(5)
    found = fit_weights(lists, np.zeros(5), loss="R2", l2=3.0)
    peer = LogisticRegression(C=1 / 6.0, tol=1e-10, max_iter=1000, fit_intercept=False)
    peer.fit(lists.features, lists.right, lists.spread(lists.weight / lists.sizes))
    np.testing.assert_allclose(found, peer.coef_[0], atol=1e-4)
    heavy = fit_weights(lists, R0, loss="R2", l2=1e6)
    np.testing.assert_allclose(heavy, R0, atol=1e-4)


def test_r2_has_one_answer_whatever_the_way():
    lists = random_lists(6)
    found = fit_weights(lists, R0, loss="R2")
    slope = objective(lists, found, R0, loss="R2", l2=0.5)[1]
    np.testing.assert_allclose(slope, np.zeros(5), atol=1e-5)


@pytest.mark.parametrize("loss", ["R1", "R2", "R3"])
def test_equal_lists_give_equal_weights_and_no_loss_is_above_its_start(loss):
    lists = random_lists(7)
    first, second = (fit_weights(lists, R0, loss=loss) for _ in range(2))
    assert first.tolist() == second.tolist()
    start, end = (objective(lists, w, R0, loss=loss, l2=0.5)[0] for w in (R0, first))
    assert end < start


@pytest.mark.parametrize("loss", ["R0", "R1", "R2", "R3"])
@pytest.mark.parametrize("case", ["nothing", "one hypothesis a list", "all wrong", "all right"])
def test_what_little_there_is_to_learn_from_gives_finite_weights(loss, case):
    lists = random_lists(8, most=1 if case == "one hypothesis a list" else 5)
    if case == "nothing":
        lists = lists.take(np.zeros(0, np.int64))
    elif case.startswith("all"):
        right = np.full(len(lists.right), case == "all right")
        lists = dataclasses.replace(lists, right=right, semer=np.where(right, 0.0, 1.0))
    found = fit(lists, NAMES, loss=loss, own_share=0.3)
    assert np.isfinite(found.weights).all()
    if case == "nothing" or loss == "R0" or (case == "one hypothesis a list" and loss == "R1"):
        np.testing.assert_allclose(found.weights, R0)


def test_calibration_keeps_the_order_and_finds_scale_and_level():
    rng = np.random.default_rng(3)
    lists = random_lists(9, lists=6007, most=1)
    truth = np.array([0.5, 1.0, -0.5, 0.8, 0.0])
    lists = dataclasses.replace(lists, right=rng.random(6007) < sigmoid(lists.features @ truth))
    raw = dataclasses.replace(lists, features=lists.features)
    shifted = fit(raw.take(np.zeros(0, np.int64)), NAMES, loss="R1", own_share=0.3)
    wrong = type(shifted)(
        loss="R1", features=NAMES, weights=tuple(3 * truth - np.eye(5)[0]), own_share=0.3, lists=9
    )
    found = calibrated(wrong, lists)
    np.testing.assert_allclose(found.weights, truth, atol=0.1)
    scores = [lists.features @ np.array(r.weights) for r in (wrong, found)]
    assert np.argsort(scores[0]).tolist() == np.argsort(scores[1]).tolist()


def test_calibration_without_lists_changes_nothing_and_never_turns_an_order_round():
    lists = random_lists(10, lists=997, most=1)
    backwards = fit(lists, NAMES, loss="R2", own_share=0.3)
    backwards = type(backwards)(
        loss="R1",
        features=NAMES,
        weights=tuple(-np.array(backwards.weights)),
        own_share=0.3,
        lists=9,
    )
    none = lists.take(np.zeros(0, np.int64))
    assert calibrated(backwards, none) == backwards
    scores = [lists.features @ np.array(r.weights) for r in (backwards, calibrated(backwards, lists))]
    assert np.argsort(scores[0]).tolist() == np.argsort(scores[1]).tolist()


def test_seconds_a_domain():
    lists = random_lists(11, lists=10_007, features=23)
    started = time.process_time()
    fit_weights(lists, np.zeros(23), loss="R3")
    assert time.process_time() - started < 10.0


@pytest.mark.parametrize(("change", "name"), [({"loss": "R0"}, "loss"), ({"l2": 0.0}, "l2")])
def test_bad_options_are_refused(change, name):
    with pytest.raises(ValueError, match=f"`{name}`"):
        fit_weights(random_lists(1), R0, **({"loss": "R2"} | change))
