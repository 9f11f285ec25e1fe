import math

import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.attention_loss import distilled_attention, supervised_attention

SCORES = np.array([[0.3, -1.2, 2.0], [1.0, 0.5, 9.0], [4.0, 4.0, 4.0], [0.1, 0.2, 0.3]], np.float32)
TEACHER = SCORES[:, ::-1].copy()
ENABLED = np.array([[5, 2, 9], [3, 7, 0], [0, 0, 0], [1, 2, 3]])
RIGHT = np.array([[2, 5], [8, 0], [1, 0], [1, 0]])  # two enabled, none enabled, nothing enabled, not known
KNOWN = np.array([True, True, True, False])


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def entropy(q, p):
    return -q * math.log(p) - (1 - q) * math.log(1 - p)


def test_sigmoid_supervision_by_hand():
    expected = [
        entropy(1, sigmoid(0.3)) + entropy(1, sigmoid(-1.2)) + entropy(0, sigmoid(2.0)),
        entropy(0, sigmoid(1.0)) + entropy(0, sigmoid(0.5)),
        0.0,
        0.0,
    ]
    found = supervised_attention(SCORES, ENABLED, RIGHT, KNOWN, form="sigmoid")
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_softmax_supervision_by_hand():
    weights = np.exp(SCORES[0]) / np.exp(SCORES[0]).sum()
    found = supervised_attention(SCORES, ENABLED, RIGHT, KNOWN, form="softmax")
    np.testing.assert_allclose(found, [-math.log(weights[0] + weights[1]), 0, 0, 0], rtol=1e-5)


def test_distillation_by_hand():
    found = distilled_attention(SCORES, TEACHER, ENABLED, temperature=16.0, form="sigmoid")
    expected = [
        sum(entropy(sigmoid(t / 16), sigmoid(s)) for s, t in zip(SCORES[row], TEACHER[row], strict=True))
        for row in (0, 3)
    ]
    np.testing.assert_allclose(np.asarray(found)[[0, 3]], expected, rtol=1e-5)
    found = distilled_attention(SCORES, TEACHER, ENABLED, temperature=16.0, form="softmax")
    soft = np.exp(TEACHER[0] / 16) / np.exp(TEACHER[0] / 16).sum()
    log_p = SCORES[0] - math.log(np.exp(SCORES[0]).sum())
    np.testing.assert_allclose(np.asarray(found)[[0, 2]], [-(soft * log_p).sum(), 0.0], rtol=1e-5)


@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_extreme_scores_give_finite_loss_and_gradient(form, scale):
    z = tf.constant(np.sign(SCORES) * scale, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = supervised_attention(z, ENABLED, RIGHT, KNOWN, form=form)
        value += distilled_attention(z, -z, ENABLED, temperature=16.0, form=form)
    assert np.isfinite(value).all()
    assert np.isfinite(tape.gradient(value, z)).all()


@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
def test_padding_and_the_teacher_get_no_gradient(form):
    z = tf.constant(SCORES)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = supervised_attention(z, ENABLED, RIGHT, KNOWN, form=form)
        value += distilled_attention(SCORES, z, ENABLED, temperature=16.0, form=form)
    gradient = tape.gradient(value, z).numpy()
    assert not gradient[ENABLED == 0].any()
    assert not gradient[3].any()
