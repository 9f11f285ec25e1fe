"""Scores of a trained network for the requests of a corpus."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.batches import sorted_batches
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.layers.spread import spread
from components.shortlister.network import Network
from components.shortlister.reject import reject_features

INPUTS = {
    "words": tf.TensorSpec([None, None], tf.int32),
    "pairs": tf.TensorSpec([None, None], tf.int32),
    "spelling": tf.TensorSpec([None, None], tf.int32),
    "chars": tf.TensorSpec([None, None], tf.int32),
    "grams": tf.TensorSpec([None], tf.int32),
    "gram_rows": tf.TensorSpec([None], tf.int32),
    "enabled": tf.TensorSpec([None, None], tf.int32),
}
_BATCH = 512
_SCORES = 1 << 23  # scores that one batch may come to: 32 MiB


class Beside(NamedTuple):
    """The enabled skills of N rows beside all others; -1e9 stands for the scores of none.

    Attributes:
        lead: float [N], log-odds, by a softmax over the scores, that some enabled skill is the right one.
        enabled, other: int [N], the numbers of the best enabled skill and of the best other one.
        ahead: float [N], by how much the score of the first is above that of the second.
    """

    lead: npt.NDArray[np.float64]
    enabled: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    ahead: npt.NDArray[np.float64]


class Scorer:
    """Scores requests with a network, one graph for all batch shapes.

    Args:
        network: Its weights are read at every call, so that one scorer serves a whole training.
        skills: Number of skills, K.
    """

    def __init__(self, network: Network, *, skills: int) -> None:
        self.network = network
        self.skills = skills
        self._batch = max(min(_BATCH, _SCORES // skills), 1)

        def scores(inputs: dict[str, Any]) -> Any:
            return tf.cast(network(inputs, training=False), tf.float32)  # [B, K]

        def best(inputs: dict[str, Any], k: Any) -> Any:
            return tf.math.top_k(network.log_odds(scores(inputs)), k)

        def best_and_label(inputs: dict[str, Any], k: Any, label: Any) -> Any:
            found = scores(inputs)
            return *tf.math.top_k(found, k), tf.gather(found, label, batch_dims=1)

        def features(inputs: dict[str, Any]) -> Any:
            reading = network.read(inputs, training=False)
            log_odds = network.log_odds(tf.cast(network.scores(reading, inputs["enabled"]), tf.float32))
            return reject_features(log_odds, reading.request)

        def first(inputs: dict[str, Any]) -> Any:
            return tf.argmax(scores(inputs), axis=-1, output_type=tf.int32)

        def lists(inputs: dict[str, Any]) -> Any:
            found, enabled = scores(inputs), inputs["enabled"]
            listed = spread(enabled, tf.ones(tf.shape(enabled)), skills) > 0.0  # [B, K]
            inside, outside = (tf.where(part, found, -1e9) for part in (listed, ~listed))
            lead = tf.reduce_logsumexp(inside, axis=1) - tf.reduce_logsumexp(outside, axis=1)
            ahead = tf.reduce_max(inside, axis=1) - tf.reduce_max(outside, axis=1)
            return lead, tf.argmax(inside, axis=1), tf.argmax(outside, axis=1), ahead

        self._best = tf.function(best, input_signature=[INPUTS, tf.TensorSpec([], tf.int32)])
        self._best_and_label = tf.function(
            best_and_label,
            input_signature=[INPUTS, tf.TensorSpec([], tf.int32), tf.TensorSpec([None], tf.int32)],
        )
        self._features = tf.function(features, input_signature=[INPUTS])
        self._lists = tf.function(lists, input_signature=[INPUTS])
        self._first = tf.function(first, input_signature=[INPUTS])

    def top(
        self, corpus: Corpus, rows: Rows, *, k: int
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The best min(k, K) skills of each row, best first: numbers and log-odds, [rows, k].

        No more than 32 MiB of scores are held at a time, whatever K.
        """
        k = min(k, self.skills)
        numbers = np.zeros((len(rows), k), np.int32)
        scores = np.zeros((len(rows), k), np.float32)
        for places, inputs in self._batches(corpus, rows):
            values, indices = self._best(inputs, k)
            numbers[places], scores[places] = indices.numpy(), values.numpy()
        return numbers, scores

    def first(self, corpus: Corpus, rows: Rows) -> npt.NDArray[np.int32]:
        """The number of the best skill of each row, [rows]: as `top` with k=1, for less."""
        numbers = np.zeros(len(rows), np.int32)
        for places, inputs in self._batches(corpus, rows):
            numbers[places] = self._first(inputs).numpy()
        return numbers

    def top_and_label(
        self, corpus: Corpus, rows: Rows, *, k: int
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """As `top`, with scores as the heads give them, and the score of each row's own `skill`: [rows].

        Every row must have a right skill.
        """
        k = min(k, self.skills)
        numbers = np.zeros((len(rows), k), np.int32)
        scores = np.zeros((len(rows), k), np.float32)
        own = np.zeros(len(rows), np.float32)
        for places, inputs in self._batches(corpus, rows):
            values, indices, label = self._best_and_label(inputs, k, corpus.skill[rows[places]])
            numbers[places], scores[places], own[places] = indices.numpy(), values.numpy(), label.numpy()
        return numbers, scores, own

    def reject_features(self, corpus: Corpus, rows: Rows) -> npt.NDArray[np.float64]:
        """What the reject score of each row is made of: [rows, 4]."""
        features = np.zeros((len(rows), 4))
        for places, inputs in self._batches(corpus, rows):
            features[places] = self._features(inputs).numpy()
        return features

    def beside_lists(self, corpus: Corpus, rows: Rows) -> Beside:
        """What the scores say of the enabled skills of each row, and of all others."""
        numbers = np.zeros((2, len(rows)), np.int64)
        figures = np.zeros((2, len(rows)))
        for places, inputs in self._batches(corpus, rows):
            lead, enabled, other, ahead = self._lists(inputs)
            numbers[:, places], figures[:, places] = (enabled, other), (lead, ahead)
        return Beside(figures[0], numbers[0], numbers[1], figures[1])

    def _batches(self, corpus: Corpus, rows: Rows) -> Iterator[tuple[Rows, dict[str, Any]]]:
        """Batches of similar length: the places in `rows` they come from, and their inputs."""
        for places in sorted_batches(corpus, rows, size=self._batch):
            yield places, corpus.inputs(rows[places])
