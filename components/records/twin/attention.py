"""Attention over the enabled skills, without TensorFlow."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.twin.row_table import RowTable

Floats = npt.NDArray[np.float32]


class Attention:
    """Sums up the enabled skills, each weighted by how well it fits the utterance.

    Args:
        table: One row per skill, float [K, H].
        form: "softmax" or "sigmoid", as in `components.shortlister.layers.enabled_attention`.
    """

    def __init__(self, table: RowTable, form: str) -> None:
        self._table = table
        self._form = form

    @classmethod
    def open(cls, stem: Path, form: str) -> "Attention":
        """Maps the table that was written there."""
        return cls(RowTable.open(stem), form)

    def __call__(self, utterance: Floats, enabled: npt.NDArray[np.integer[Any]]) -> tuple[Floats, Floats]:
        """The summary [H] and the scores [E], for an utterance [H] and the rows of the enabled skills [E]."""
        if not len(enabled):
            return np.zeros_like(utterance), np.zeros(0, np.float32)
        keys = self._table.take(enabled)  # [E, H]
        scores = keys @ utterance  # [E]
        if self._form == "softmax":
            weights = np.exp(scores - scores.max())
            weights /= weights.sum()
        else:
            weights = 0.5 + 0.5 * np.tanh(0.5 * scores)
        return weights @ keys, scores
