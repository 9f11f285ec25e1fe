"""Distillation with a made-up teacher: its embedding says which of the verbs a text has."""

import numpy as np
import tensorflow as tf
from keras import layers

from components.shortlister.distil.distil import distil, distillation_loss
from components.shortlister.distil.lessons import Lessons
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.teacher.fine_tune import Heads
from components.shortlister.train import build_network, text_encoder

OPTIONS = ShortlisterOptions(
    word_buckets=256, gram_buckets=1024, lstm_size=8, gram_size=32, utterance_size=32, dropout=0.0,
    word_dropout=0.0, gram_dropout=0.0
)  # fmt: skip
VERBS = ("play", "call", "order")
TEXTS = [f"{verb} {rest}" for verb in VERBS for rest in ("it", "now", "me one", "the usual", "for my sister")]
EMBEDDINGS = np.repeat(np.eye(3, 4), 5, axis=0).astype(np.float16)
HEADS = Heads(10.0 * np.eye(4, 3, dtype=np.float32), np.float32([0.0, 0.5, -0.5]))
LESSONS = Lessons(corpus_of_texts(TEXTS, text_encoder(OPTIONS)), EMBEDDINGS, HEADS)


def test_the_network_sees_texts_as_the_teacher_does():
    network, losses = build_network(OPTIONS, skills=3), []
    distil(network, LESSONS, epochs=30, learning_rate=2e-2, report=lambda _, loss: losses.append(loss))
    new = corpus_of_texts(["order two for us", "call home", "play that again"], text_encoder(OPTIONS))
    assert Scorer(network, skills=3).first(new, np.arange(3)).tolist() == [2, 1, 0]
    assert losses[-1] < 0.2 * losses[0]


def test_the_loss_is_the_formula():
    network = build_network(OPTIONS, skills=3)
    image = layers.Dense(4)
    inputs = LESSONS.corpus.inputs(np.arange(5))
    reading = network.read(inputs)
    seen, scores = image(reading.utterance).numpy(), network.scores(reading, inputs["enabled"]).numpy()
    embeddings = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    logits = embeddings @ HEADS.kernel + HEADS.bias
    taught = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    choice = -(taught * (scores - np.log(np.exp(scores).sum(1, keepdims=True)))).sum(1)
    cosine = (seen / np.linalg.norm(seen, axis=1, keepdims=True) * embeddings).sum(1)
    found = distillation_loss(network, image, HEADS, inputs, tf.constant(embeddings))
    np.testing.assert_allclose(found, (choice + 1 - cosine).mean(), rtol=1e-5)
