import math

import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.loss import NO_SKILL, balanced_loss, log_odds_shift, ranking_loss

RNG = np.random.default_rng(5)
LOG_ODDS = RNG.normal(scale=2, size=(4, 7))
SKILL = np.array([2, NO_SKILL, NO_SKILL, NO_SKILL])
NEGATIVE = np.array([NO_SKILL, 4, NO_SKILL, NO_SKILL])
OUTSIDE = np.array([False, False, True, False])


def p_in(z):
    return 1 / (1 + np.exp(-z))


def test_equals_the_formula():
    own = -math.log(p_in(LOG_ODDS[0, 2]))
    others = -sum(math.log(1 - p_in(LOG_ODDS[0, d])) for d in range(7) if d != 2) / (7 - 1)
    failed = -math.log(1 - p_in(LOG_ODDS[1, 4]))
    nobody = -np.mean([math.log(1 - p_in(LOG_ODDS[2, d])) for d in range(7)])
    found = balanced_loss(LOG_ODDS, SKILL, NEGATIVE, OUTSIDE)
    np.testing.assert_allclose(found, [own + others, failed, nobody, 0.0], rtol=1e-6)


def test_ranking_equals_the_formula():
    expected = -LOG_ODDS[0, 2] + math.log(np.exp(LOG_ODDS[0]).sum())
    np.testing.assert_allclose(ranking_loss(LOG_ODDS, SKILL), [expected, 0, 0, 0], rtol=1e-6)


@pytest.mark.parametrize("loss", ["balanced", "ranking"])
def test_gradient_is_the_numerical_one(loss):
    def total(z):
        rows = balanced_loss(z, SKILL, NEGATIVE, OUTSIDE) if loss == "balanced" else ranking_loss(z, SKILL)
        return tf.reduce_sum(rows)

    z = tf.constant(LOG_ODDS)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = total(z)
    gradient = tape.gradient(value, z).numpy()
    for i, j in np.ndindex(LOG_ODDS.shape):
        step = np.zeros_like(LOG_ODDS)
        step[i, j] = 1e-5
        numerical = (total(LOG_ODDS + step) - total(LOG_ODDS - step)) / 2e-5
        assert gradient[i, j] == pytest.approx(float(numerical), abs=1e-7)


def test_a_failed_skill_says_nothing_about_the_others():
    z = tf.constant(LOG_ODDS)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = tf.reduce_sum(balanced_loss(z, SKILL, NEGATIVE, OUTSIDE) + ranking_loss(z, SKILL))
    touched = tape.gradient(value, z).numpy() != 0
    np.testing.assert_array_equal(touched[1], np.arange(7) == 4)
    assert not touched[3].any()


@pytest.mark.parametrize("scale", [1e4, 1e30])
@pytest.mark.parametrize("sign", [1, -1])
def test_extreme_log_odds_give_finite_loss_and_gradient(scale, sign):
    z = tf.constant(np.sign(LOG_ODDS) * scale * sign, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = balanced_loss(z, SKILL, NEGATIVE, OUTSIDE) + ranking_loss(z, SKILL)
    assert np.isfinite(value).all()
    assert np.isfinite(tape.gradient(value, z)).all()


def test_single_skill_has_no_rivals():
    assert log_odds_shift(1) == 0.0
    assert float(balanced_loss(np.zeros((1, 1)), np.array([0]), np.array([-1]), np.array([False]))[0]) == (
        pytest.approx(math.log(2))
    )


def test_shift_makes_balanced_heads_honest():
    """Science pitfall 1: the best head under the balanced loss, shifted, is the true log-odds."""
    skills, share = 50, 0.02
    z = tf.Variable(0.0)
    for _ in range(200):  # the loss of one head whose skill is right for `share` of the requests
        with tf.GradientTape() as tape:
            loss = share * tf.nn.softplus(-z) + (1 - share) * tf.nn.softplus(z) / (skills - 1)
        z.assign_sub(100.0 * tape.gradient(loss, z))
    honest = math.log(share / (1 - share))
    assert float(z) - log_odds_shift(skills) == pytest.approx(honest, abs=1e-3)
