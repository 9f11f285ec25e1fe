import math

import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.learning_loop.self_distillation import self_distillation_loss
from components.shortlister.loss import (
    balanced_loss,
    failed_loss,
    log_odds_shift,
    ranking_loss,
    tempered_loss,
    uniform_loss,
)
from components.shortlister.options import ShortlisterOptions

RNG = np.random.default_rng(5)
SCORES = RNG.normal(scale=2, size=(4, 7)).astype(np.float32)
RIGHT = np.array([[3, 0], [5, 1], [0, 0], [7, 2]])  # columns + 1
SHARE = np.array([[1, 0], [1, 0.5], [0, 0], [0.25, 1]], np.float32)
OTHERS = np.array([1 / 6, 1 / 6, 1 / 7, 1.0], np.float32)
FAILED = np.array([2, 0, 7, 1])

LOSSES = {
    "balanced": lambda z: balanced_loss(z, RIGHT, SHARE, others=OTHERS),
    "ranking": lambda z: ranking_loss(z, RIGHT, tf.cast(SHARE, z.dtype)),
    "failed": lambda z: failed_loss(z, FAILED, choice=False),
    "failed choice": lambda z: failed_loss(z, FAILED, choice=True),
    "uniform": uniform_loss,
    "tempered": lambda z: tempered_loss(z, tf.cast(SCORES[::-1], z.dtype), temperature=16.0),
}


def p_in(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def shares():
    """The right skills of each request as a dense [4, 7]."""
    dense = np.zeros(SCORES.shape)
    for row, column in np.ndindex(RIGHT.shape):
        if RIGHT[row, column]:
            dense[row, RIGHT[row, column] - 1] = SHARE[row, column]
    return dense


def test_balanced_equals_the_formula():
    y = shares()
    expected = (-y * np.log(p_in(SCORES)) - OTHERS[:, None] * (1 - y) * np.log(1 - p_in(SCORES))).sum(axis=1)
    np.testing.assert_allclose(LOSSES["balanced"](SCORES), expected, rtol=1e-5)


def test_ranking_equals_the_formula():
    """The label against itself and, by the rest of their shares, all others."""
    expected = []
    for z, right, share in zip(SCORES, RIGHT, shares(), strict=True):
        label = right[0] - 1
        rival = np.where(np.arange(7) == label, 1.0, 1.0 - share)
        expected.append(-math.log(np.exp(z[label]) / np.sum(rival * np.exp(z))) if right[0] else 0.0)
    np.testing.assert_allclose(LOSSES["ranking"](SCORES), expected, rtol=1e-5)


def test_a_further_right_skill_is_left_alone_by_the_ranking():
    z = tf.constant([[5.0, 1.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = ranking_loss(z, np.array([[2, 1]]), np.ones((1, 2), np.float32))
    gradient = tape.gradient(loss, z)[0].numpy()
    assert gradient[0] == pytest.approx(0.0, abs=1e-4)
    assert gradient[1] == pytest.approx(-gradient[2], abs=1e-4)
    assert gradient[1] < -0.2


def test_failed_equals_the_formula():
    expected = [-math.log(1 - p_in(z[f - 1])) if f else 0.0 for z, f in zip(SCORES, FAILED, strict=True)]
    np.testing.assert_allclose(LOSSES["failed"](SCORES), expected, rtol=1e-4)
    p = softmax(SCORES)
    expected = [-math.log(1 - q[f - 1]) if f else 0.0 for q, f in zip(p, FAILED, strict=True)]
    np.testing.assert_allclose(LOSSES["failed choice"](SCORES), expected, rtol=1e-4)


def test_uniform_equals_the_formula():
    np.testing.assert_allclose(uniform_loss(SCORES), -np.log(softmax(SCORES)).mean(axis=1), rtol=1e-5)


def test_tempered_equals_the_formula():
    q = p_in(SCORES[::-1] / 16)
    expected = -q * np.log(p_in(SCORES)) - (1 - q) * np.log(1 - p_in(SCORES))
    np.testing.assert_allclose(LOSSES["tempered"](SCORES), expected, rtol=1e-4)


def test_columns_that_stand_for_several():
    """A column with weight 3 counts as three skills of its score."""
    log_weights = np.log(np.array([1, 1, 3, 1, 1, 1, 1], np.float32))
    wide = np.concatenate([SCORES, SCORES[:, [2, 2]]], axis=1)
    right = np.array([[2, 0], [5, 1], [0, 0], [7, 2]])
    for loss in (
        lambda z, w: balanced_loss(z, right, SHARE, others=OTHERS, log_weights=w),
        lambda z, w: ranking_loss(z, right, SHARE, log_weights=w),
        lambda z, w: failed_loss(z, FAILED, choice=True, log_weights=w),
        lambda z, w: uniform_loss(z, log_weights=w),
        lambda z, w: self_distillation_loss(z, z[::-1], ShortlisterOptions(), log_weights=w),
        lambda z, w: self_distillation_loss(z, z[::-1], ShortlisterOptions(heads="sigmoid"), log_weights=w),
    ):
        np.testing.assert_allclose(loss(SCORES, log_weights), loss(wide, None), rtol=1e-4)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_the_numerical_one(name):
    def total(z):
        return tf.reduce_sum(LOSSES[name](tf.cast(z, tf.float64)))

    z = tf.constant(SCORES, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = total(z)
    gradient = tape.gradient(value, z).numpy()
    for place in list(np.ndindex(SCORES.shape))[::3]:
        step = np.zeros(SCORES.shape)
        step[place] = 1e-4
        numerical = (total(SCORES + step) - total(SCORES - step)) / 2e-4
        assert gradient[place] == pytest.approx(float(numerical), abs=1e-5)


def test_a_failed_skill_says_nothing_about_the_others():
    z = tf.constant(SCORES)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = tf.reduce_sum(LOSSES["failed"](z))
    touched = tape.gradient(value, z).numpy() != 0
    np.testing.assert_array_equal(touched, np.arange(1, 8) == FAILED[:, None])


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("scale", [1e4, -1e4, 1e30, -1e30])
def test_extreme_scores_give_finite_loss_and_gradient(name, scale):
    z = tf.constant(np.sign(SCORES) * scale, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = LOSSES[name](z)
    assert np.isfinite(value).all()
    assert np.isfinite(tape.gradient(value, z)).all()


def test_single_skill_has_no_rivals():
    assert log_odds_shift(1) == 0.0
    one = np.ones((1, 1), np.float32)
    assert float(balanced_loss(one * 0, one.astype(int), one, others=one[0])[0]) == pytest.approx(math.log(2))


def test_shift_makes_balanced_heads_honest():
    """The best head under the balanced loss, shifted, is the true log-odds."""
    skills, share = 50, 0.02
    z = tf.Variable(0.0)
    for _ in range(200):  # the loss of one head whose skill is right for `share` of the requests
        with tf.GradientTape() as tape:
            loss = share * tf.nn.softplus(-z) + (1 - share) * tf.nn.softplus(z) / (skills - 1)
        z.assign_sub(100.0 * tape.gradient(loss, z))
    honest = math.log(share / (1 - share))
    assert float(z) - log_odds_shift(skills) == pytest.approx(honest, abs=1e-3)
