import math

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf

from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.shortlister.devices import dtype_policy
from components.shortlister.loss import NO_SKILL
from components.shortlister.options import ShortlisterOptions
from components.shortlister.targets import LossWeights, Targets
from components.shortlister.train import build_network
from components.shortlister.training_loss import training_loss

SKILLS = 11
TINY = ShortlisterOptions(
    word_buckets=64, gram_buckets=128, char_size=3, form_size=4, word_size=5, lstm_size=6, gram_size=7,
    utterance_size=8, dropout=0.0, word_dropout=0.0, gram_dropout=0.0, attention_supervision=0.01,
    attention_distillation=True,
).sized(10)  # fmt: skip
TEXTS = TextEncoder(EncoderSettings(word_buckets=64, gram_buckets=128))(
    tf.constant(["play jazz", "a taxi", "hm", "news please"])
)
INPUTS = TEXTS | {"enabled": tf.constant([[3, 1, 0], [2, 0, 0], [0, 0, 0], [11, 3, 5]])}
TARGETS = Targets(
    skill=np.array([2, NO_SKILL, NO_SKILL, 4], np.int32),
    extra=np.array([[1], [0], [0], [11]], np.int32),
    extra_weight=np.array([[0.5], [0], [0], [1.0]], np.float32),
    negative=np.array([NO_SKILL, 1, NO_SKILL, 7], np.int32),
    out_of_scope=np.array([False, False, True, False]),
    weight=np.array([1.0, 2.0, 1.0, 0.5], np.float32),
)
FORMS = [
    {"heads": "two_class"},
    {"heads": "two_class", "selu": True},
    {"heads": "sigmoid", "attention": "sigmoid"},
    {"heads": "softmax", "personalisation": "none"},
    {"heads": "cosine", "personalisation": "flag"},
]


def made(**changes):
    options = msgspec.structs.replace(TINY, **changes)
    network = build_network(options, skills=SKILLS)
    rng = np.random.default_rng(1)
    network.set_weights(
        [weight + rng.normal(scale=0.3, size=weight.shape) for weight in network.get_weights()]
    )
    return network, options


def softplus(z):
    return np.log1p(np.exp(z))


def test_two_class_equals_the_formula():
    network, options = made()
    weights = LossWeights(negative=0.3, attention=0.01, out_of_scope=0.7)
    found = float(training_loss(network, INPUTS, TARGETS, weights, options=options))
    z = network(INPUTS).numpy().astype(float)
    attention = network.read(INPUTS).attention.numpy()
    y = np.zeros(z.shape)
    y[0, [2, 0]], y[3, [4, 10]] = [1, 0.5], [1, 1]
    negatives = np.array([1 / 10, 0, 0.7 / 11, 1 / 10])[:, None]
    expected = (y * softplus(-z) + negatives * (1 - y) * softplus(z)).sum(axis=1)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    expected[0] += np.log(1 - 0.5 * p[0, 0]) - np.log(p[0, 2])
    expected[3] += np.log(1 - p[3, 10]) - np.log(p[3, 4])
    expected[[1, 3]] += 0.3 * softplus(z[[1, 3], [1, 7]])
    a = np.exp(attention) * (INPUTS["enabled"].numpy() > 0)
    a /= np.maximum(a.sum(axis=1, keepdims=True), 1e-9)
    expected[[0, 3]] -= 0.01 * np.log([a[0].sum(), a[3, 0] + a[3, 2]])
    assert found == pytest.approx((expected * TARGETS.weight).mean(), rel=1e-4)


def test_sigmoid_heads_have_the_binary_cross_entropy():
    network, options = made(
        heads="sigmoid", attention="sigmoid", attention_supervision=0.0, attention_distillation=False
    )
    found = float(training_loss(network, INPUTS, TARGETS, LossWeights(negative=0.0), options=options))
    z = network(INPUTS).numpy()
    y = np.zeros(z.shape)
    y[0, [2, 0]], y[3, [4, 10]] = [1, 0.5], [1, 1]
    expected = (y * softplus(-z) + (1 - y) * softplus(z)).sum(axis=1) * [1, 0, 1, 1]
    assert found == pytest.approx((expected * TARGETS.weight).mean(), rel=1e-4)


@pytest.mark.parametrize("changes", FORMS)
def test_every_form_learns(changes):
    network, options = made(**changes)
    teacher, _ = made(**changes)
    weights = LossWeights(distillation=0.2, attention=0.01, attention_distillation=0.002)
    optimizer = keras.optimizers.Adam(0.01)
    losses = []
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = training_loss(network, INPUTS, TARGETS, weights, teacher=teacher, options=options)
        variables = network.trainable_variables
        gradients = tape.gradient(loss, variables)
        assert all(gradient is not None for gradient in gradients)
        optimizer.apply(gradients, variables)
        losses.append(float(loss))
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("changes", FORMS)
def test_drawing_all_negatives_is_the_full_loss(changes, monkeypatch):
    monkeypatch.setattr("components.shortlister.training_loss.how_many", lambda skills, asked: asked)
    network, options = made(**changes)
    teacher, _ = made(**changes)
    weights = LossWeights(distillation=0.2, attention=0.01)
    full, drawn = (
        training_loss(
            network,
            INPUTS,
            TARGETS,
            weights,
            teacher=teacher,
            options=msgspec.structs.replace(options, negatives=n),
        )
        for n in (None, SKILLS)
    )
    assert float(drawn) == pytest.approx(float(full), rel=1e-5)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("changes", [FORMS[0], FORMS[2]])
def test_losses_and_weights_stay_in_float32(precision, changes):
    with dtype_policy(precision):
        network, options = made(**changes)
        weights = LossWeights(attention=0.01)
        with tf.GradientTape() as tape:
            loss = training_loss(network, INPUTS, TARGETS, weights, options=options)
    assert loss.dtype == tf.float32
    assert network.utterance(INPUTS).dtype != tf.float32
    for gradient in tape.gradient(loss, network.trainable_variables):
        assert gradient.dtype == tf.float32
        assert np.isfinite(tf.convert_to_tensor(gradient)).all()


def test_a_teacher_equal_to_the_student_does_not_pull():
    network, options = made(attention_supervision=0.0, attention_distillation=False)
    weights = LossWeights(distillation=1.0, negative=0.0)
    with tf.GradientTape() as tape:
        loss = training_loss(network, INPUTS, TARGETS, weights, teacher=network, options=options)
    kernel = tape.gradient(loss, network.heads.kernel.value)
    assert np.abs(kernel).max() < 1e-6
    assert math.isfinite(float(loss))
