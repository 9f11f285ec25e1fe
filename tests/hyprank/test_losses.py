import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from components.hyprank.losses import ORDER_LOSSES, cross_entropy, list_loss, pair_loss, point_loss

ALL = np.ones((1, 3), bool)


def value(loss, scores, right, mask=ALL):
    return float(loss(np.array([scores], np.float32), np.array([right]), np.asarray(mask))[0])


def test_list_loss_is_the_softmax_of_the_right_answer():
    e = [math.exp(2.0), math.exp(0.5), math.exp(-1.0)]
    assert value(list_loss, [2.0, 0.5, -1.0], [True, False, False]) == pytest.approx(-math.log(e[0] / sum(e)))


def test_several_right_answers_share_the_probability():
    e = [math.exp(2.0), math.exp(0.5), math.exp(-1.0)]
    found = value(list_loss, [2.0, 0.5, -1.0], [True, False, True])
    assert found == pytest.approx(-math.log((e[0] + e[2]) / sum(e)), rel=1e-5)
    assert value(list_loss, [2.0, 0.5, -1.0], [True, True, True]) == pytest.approx(0.0, abs=1e-6)


def test_pair_loss_is_the_mean_over_right_and_wrong():
    s, right = [2.0, 0.5, -1.0], [True, False, True]
    pairs = [math.log(1 + math.exp(-(s[r] - s[1]))) for r in (0, 2)]
    assert value(pair_loss, s, right) == pytest.approx(sum(pairs) / 2)
    assert value(pair_loss, s, [True] * 3) == 0.0


def test_point_loss_is_the_mean_cross_entropy():
    s, right = [2.0, 0.5, -1.0], [True, False, False]
    own = [
        math.log(1 + math.exp(-x)) if r else math.log(1 + math.exp(x)) for x, r in zip(s, right, strict=True)
    ]
    assert value(point_loss, s, right) == pytest.approx(sum(own) / 3)
    assert value(cross_entropy, s, right) == pytest.approx(sum(own) / 3)


@pytest.mark.parametrize("name", ORDER_LOSSES)
def test_a_list_without_a_right_answer_says_nothing_of_the_order(name):
    assert value(ORDER_LOSSES[name], [2.0, 0.5, -1.0], [False] * 3) == 0.0
    assert value(cross_entropy, [2.0, 0.5, -1.0], [False] * 3) > 0.0


@pytest.mark.parametrize("name", [*ORDER_LOSSES, "cross_entropy"])
def test_padding_and_unknowns_count_nothing(name):
    loss = ORDER_LOSSES.get(name, cross_entropy)
    two = loss(np.array([[2.0, 0.5]], np.float32), np.array([[True, False]]), np.ones((1, 2), bool))
    mask = np.array([[True, True, False]])
    for padding in (-1e9, 1e4):
        for right in (False, True):
            three = value(loss, [2.0, 0.5, padding], [True, False, right], mask)
            assert three == pytest.approx(float(two[0]), rel=1e-6)
    assert value(loss, [2.0, 0.5, 7.0], [True, False, True], np.zeros((1, 3), bool)) == 0.0


@pytest.mark.parametrize("name", ORDER_LOSSES)
def test_ties_are_as_good_as_chance(name):
    expected = {"list": math.log(3), "pair": math.log(2), "point": math.log(2)}[name]
    assert value(ORDER_LOSSES[name], [0.0] * 3, [False, True, False]) == pytest.approx(expected)


@given(
    scores=st.lists(st.sampled_from([-1e9, -1e4, -1.0, 0.0, 1e4]), min_size=3, max_size=3),
    right=st.lists(st.booleans(), min_size=3, max_size=3),
    mask=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_any_scores_and_masks_give_finite_losses(scores, right, mask):
    for loss in (*ORDER_LOSSES.values(), cross_entropy):
        assert np.isfinite(value(loss, scores, right, np.array([mask])))


@pytest.mark.parametrize("name", [*ORDER_LOSSES, "cross_entropy"])
def test_gradients_are_finite_whatever_the_list(name):
    import tensorflow as tf

    loss = ORDER_LOSSES.get(name, cross_entropy)
    scores = tf.Variable([[1e4, -1e4, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [3.0, 2.0, 1.0]])
    right = np.array([[False, True, False], [True, True, False], [True, False, False], [False] * 3])
    mask = np.array([[True] * 3, [True] * 3, [False] * 3, [True] * 3])
    with tf.GradientTape() as tape:
        total = ops.sum(loss(scores, right, mask))
    gradient = tape.gradient(total, scores).numpy()
    assert np.isfinite(gradient).all()
    assert not gradient[2].any()
