"""Two steps on one CPU device and on two: `python -m tests.shortlister.two_replicas` says how they differ."""

import dataclasses

import numpy as np
import tensorflow as tf

from components.shortlister.feed import fed
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ragged
from components.shortlister.step import TrainingStep
from components.shortlister.targets import LossWeights
from components.shortlister.train import build_network
from tests.shortlister.world import bare_corpus

OPTIONS = ShortlisterOptions(
    dropout=0.0, word_dropout=0.0, gram_dropout=0.0, clip_norm=0.5, word_buckets=16, gram_buckets=16,
    char_size=2, form_size=3, word_size=3, lstm_size=3, gram_size=3, utterance_size=3,
)  # fmt: skip
ROWS = 7  # parts of 4 and 3


def corpus():
    words = Ragged.of([[2 + n % 3] * (1 + n % 4) for n in range(ROWS)])
    return bare_corpus(
        ROWS,
        words=words,
        spelling=dataclasses.replace(words, values=words.values - 1),
        chars=np.array([[0, 0], [1, 2], [3, 4], [5, 6]], np.uint8),
        grams=Ragged.of([[], [1, 2], [3], [4, 5]]),
        enabled=Ragged.of([[1 + n % 3, 1 + (n + 1) % 3] for n in range(ROWS)]),
        skill=np.arange(ROWS, dtype=np.int32) % 3,
        weight=np.linspace(0.5, 1.0, ROWS, dtype=np.float32),
    )


def two_steps(strategy):
    """The losses, and the first moments of Adam: sums of clipped gradients. The weights hardly move."""
    with strategy.scope():
        network = build_network(OPTIONS, skills=3)
        step = TrainingStep(network, None, learning_rate=1e-9, steps=9, options=OPTIONS, strategy=strategy)
    every, one = np.arange(ROWS), np.arange(1)  # a single row leaves the second device without one
    batches = fed(corpus(), [(every, every), (one, one)], strategy)
    losses = [np.asarray(step(batches, LossWeights())) for _ in range(2)]
    return [*losses, *(np.asarray(moment) for moment in step.adam._momentums)]


def main():
    [cpu] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    expected = two_steps(tf.distribute.get_strategy())
    found = two_steps(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
    assert len(expected) == len(found) > 10
    assert any(np.abs(moment).max() > 1e-4 for moment in expected[2:])
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7, rtol=1e-5)


if __name__ == "__main__":
    main()
