import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import check_grad

from components.records.semantic_errors import expected_semer as of_one_list
from components.reranker.fit import objective
from components.reranker.lists import Lists
from components.reranker.losses import cross_entropy, expected_semer
from tests.reranker.random_lists import random_lists


def lists_of(sizes, semer, right, own, weight=None):
    sizes = np.array(sizes)
    return Lists(
        features=np.ones((sizes.sum(), 1)),
        starts=np.cumsum(sizes) - sizes,
        semer=np.array(semer, np.float64),
        right=np.array(right, bool),
        own=np.array(own, bool),
        weight=np.ones(len(sizes)) if weight is None else np.array(weight),
    )


def test_expected_semer_is_that_of_the_records_over_own_lists():
    lists = lists_of(
        [3, 2], [0.0, 1.0, 1 / 3, 0.5, 1.0], [True, False, False, False, False], [True, False], [2.0, 1.0]
    )
    scores = np.array([0.3, -1.0, 2.0, 7.0, 8.0])
    loss, gradient = expected_semer(scores, lists)
    assert loss == pytest.approx(2.0 * of_one_list(scores[:3].tolist(), [0.0, 1.0, 1 / 3]))
    p = np.exp(scores[:3]) / np.exp(scores[:3]).sum()
    np.testing.assert_allclose(gradient[:3], 2.0 * p * (lists.semer[:3] - p @ lists.semer[:3]))
    assert gradient[3:].tolist() == [0.0, 0.0]


def test_what_has_no_semer_is_left_out_of_the_softmax():
    lists = lists_of([3], [0.0, math.nan, 1.0], [True, True, False], [True])
    loss, gradient = expected_semer(np.array([0.0, 50.0, 0.0]), lists)
    assert loss == pytest.approx(0.5)
    np.testing.assert_allclose(gradient, [-0.25, 0.0, 0.25])


def test_a_list_of_one_and_a_list_of_unknowns_teach_nothing():
    lists = lists_of([1, 2], [1.0, math.nan, math.nan], [False] * 3, [True, True])
    loss, gradient = expected_semer(np.array([3.0, 1.0, 2.0]), lists)
    assert loss == 1.0
    assert gradient.tolist() == [0.0, 0.0, 0.0]


def test_a_constant_for_a_list_changes_expected_semer_by_nothing():
    lists = random_lists(3)
    scores = np.random.default_rng(0).normal(size=len(lists.features))
    shifted = scores + lists.spread(np.random.default_rng(1).normal(scale=9.0, size=len(lists)))
    assert expected_semer(scores, lists)[0] == pytest.approx(expected_semer(shifted, lists)[0], rel=1e-12)


def test_cross_entropy_counts_each_list_once_whatever_its_length():
    lists = lists_of([1, 4], [0.0] * 5, [True, False, False, False, True], [True, True])
    s = np.array([0.5, -1.0, 2.0, 0.0, 1.0])
    own = [
        math.log(1 + math.exp(-x)) if r else math.log(1 + math.exp(x))
        for x, r in zip(s, lists.right, strict=True)
    ]
    loss, gradient = cross_entropy(s, lists)
    assert loss == pytest.approx(own[0] + sum(own[1:]) / 4)
    np.testing.assert_allclose(gradient, (1 / (1 + np.exp(-s)) - lists.right) / np.array([1, 4, 4, 4, 4]))


@pytest.mark.parametrize("loss", ["R1", "R2", "R3"])
@pytest.mark.parametrize("seed", range(3))
def test_gradients_are_those_of_the_losses(loss, seed):
    lists, start = random_lists(seed), np.full(5, 0.3)
    error = check_grad(
        lambda w: objective(lists, w, start, loss=loss, l2=0.7)[0],
        lambda w: objective(lists, w, start, loss=loss, l2=0.7)[1],
        np.random.default_rng(seed).normal(size=5),
        epsilon=1e-7,
    )
    assert error < 1e-4


@given(st.lists(st.sampled_from([-1e30, -1e4, 0.0, 1e4, 1e30]), min_size=3, max_size=3))
def test_scores_of_any_size_are_safe(scores):
    lists = lists_of([3], [0.0, 1.0, 0.5], [True, False, False], [True])
    for loss in (expected_semer, cross_entropy):
        value, gradient = loss(np.array(scores), lists)
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


def test_weights_scale_lists_and_no_lists_cost_nothing():
    lists = random_lists(1)
    twice = dataclasses.replace(lists, weight=2 * lists.weight)
    scores = np.ones(len(lists.features))
    none = lists.take(np.zeros(0, np.int64))
    for loss in (expected_semer, cross_entropy):
        assert loss(scores, twice)[0] == pytest.approx(2 * loss(scores, lists)[0])
        assert loss(np.zeros(0), none)[0] == 0.0
