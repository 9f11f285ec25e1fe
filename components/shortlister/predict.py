"""Scores of a trained network for the requests of a corpus."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.batches import sorted_batches
from components.shortlister.corpus import Corpus
from components.shortlister.loss import log_odds_shift
from components.shortlister.network import Network

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


class Scorer:
    """Scores requests with a network, one graph for all batch shapes.

    Args:
        network: Its weights are read at every call, so that one scorer serves a whole training.
        skills: Number of skills.
    """

    def __init__(self, network: Network, *, skills: int) -> None:
        self.skills = skills
        self._shift = log_odds_shift(skills)

        def best(inputs: dict[str, Any], k: Any) -> Any:
            return tf.math.top_k(network(inputs, training=False), k)

        self._best = tf.function(best, input_signature=[INPUTS, tf.TensorSpec([], tf.int32)])

    def top(
        self, corpus: Corpus, rows: npt.NDArray[np.int64], *, k: int
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The best min(k, skills) skills of each row, best first: numbers and corrected log-odds."""
        k = min(k, self.skills)
        numbers = np.zeros((len(corpus), k), np.int32)
        scores = np.zeros((len(corpus), k), np.float32)
        for batch in sorted_batches(corpus, rows, size=_BATCH):
            values, indices = self._best(corpus.inputs(batch), k)
            numbers[batch], scores[batch] = indices.numpy(), values.numpy() - self._shift
        return numbers[rows], scores[rows]
