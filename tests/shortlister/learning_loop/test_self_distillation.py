import msgspec
import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.self_distillation import self_distillation_loss
from components.shortlister.options import ShortlisterOptions

RNG = np.random.default_rng(2)
SCORES, TEACHER = RNG.normal(0, 3, (5, 7)).astype(np.float32), RNG.normal(0, 3, (5, 7)).astype(np.float32)
HEADS = ("two_class", "sigmoid", "softmax", "cosine")


def options(heads="two_class", *, ranking=0.7, **loop):
    return ShortlisterOptions(heads=heads, ranking=ranking, learning_loop=LearningLoopOptions(**loop))


def cross_entropy(q, z):
    """-q log σ(z) - (1 - q) log(1 - σ(z))"""
    p = 1 / (1 + np.exp(-z.astype(np.float64)))
    return -q * np.log(p) - (1 - q) * np.log(1 - p)


def softmax(z):
    e = np.exp(z.astype(np.float64))
    return e / e.sum(axis=-1, keepdims=True)


def test_published_form_tempers_the_teacher_alone():
    each = cross_entropy(1 / (1 + np.exp(-TEACHER / 16)), SCORES)
    chosen = {"tempered": "teacher", "temperature": 16.0}
    found = self_distillation_loss(SCORES, TEACHER, options("sigmoid", **chosen))
    np.testing.assert_allclose(found, each.sum(axis=1), rtol=1e-5)
    found = self_distillation_loss(SCORES, TEACHER, options("two_class", **chosen))
    np.testing.assert_allclose(found, each.mean(axis=1), rtol=1e-5)


def test_both_sides_tempered():
    each = cross_entropy(1 / (1 + np.exp(-TEACHER / 2)), SCORES / 2)
    choice = -(softmax(TEACHER / 2) * np.log(softmax(SCORES / 2))).sum(axis=1)
    expected = {
        "two_class": 4 * (each.mean(axis=1) + 0.7 * choice),
        "sigmoid": 4 * each.sum(axis=1),
        "softmax": 4 * choice,
        "cosine": 4 * choice,
    }
    for heads, loss in expected.items():
        found = self_distillation_loss(SCORES, TEACHER, options(heads, temperature=2.0))
        np.testing.assert_allclose(found, loss, rtol=1e-5)


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("temperature", [1.0, 16.0])
def test_with_both_tempered_the_teacher_is_the_minimum(heads, temperature):
    scores = tf.Variable(TEACHER)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(
            self_distillation_loss(scores, tf.constant(TEACHER), options(heads, temperature=temperature))
        )
    np.testing.assert_allclose(tape.gradient(loss, scores), 0.0, atol=1e-5)


def test_with_the_teacher_alone_tempered_it_is_not():
    scores = tf.Variable(TEACHER)
    chosen = options("sigmoid", temperature=16.0, tempered="teacher")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(self_distillation_loss(scores, tf.constant(TEACHER), chosen))
    assert np.abs(tape.gradient(loss, scores)).max() > 0.1


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("tempered", ["both", "teacher"])
def test_extreme_scores_are_finite_and_the_teacher_gets_no_gradient(heads, tempered):
    scores, teacher = tf.Variable([[1e4, -1e4, 0.0]]), tf.Variable([[-1e4, 1e4, 0.0]])
    with tf.GradientTape() as tape:
        loss = self_distillation_loss(scores, teacher, options(heads, tempered=tempered))
    assert np.isfinite(loss).all()
    of_scores, of_teacher = tape.gradient(loss, [scores, teacher])
    assert np.isfinite(of_scores).all()
    assert of_teacher is None


def test_options_reach_a_manifest_and_back():
    chosen = options(pseudo_labels=True, p=3, window="any")
    assert msgspec.convert(msgspec.to_builtins(chosen), ShortlisterOptions) == chosen
