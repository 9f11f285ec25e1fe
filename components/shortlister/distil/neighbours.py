"""Which words mean nearly the same, by their embeddings."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Neighbours:
    """The nearest words of a vocabulary.

    Args:
        words: The vocabulary, V.
        vectors: float32 [V, D], of length 1.
        count: Neighbours a word; fewer in a smaller vocabulary.
    """

    def __init__(self, words: Sequence[str], vectors: npt.NDArray[np.float32], *, count: int = 8) -> None:
        self.words = words
        self.vectors = vectors
        self.count = count
        self._rows = {word: row for row, word in enumerate(words)}
        self._found: dict[str, tuple[str, ...]] = {}

    def __call__(self, word: str) -> tuple[str, ...]:
        """Its neighbours, nearest first; none for a word that the vocabulary lacks."""
        if word not in self._found:
            row = self._rows.get(word)
            self._found[word] = () if row is None else self._nearest(row)
        return self._found[word]

    def _nearest(self, row: int) -> tuple[str, ...]:
        likeness = self.vectors @ self.vectors[row]
        likeness[row] = -np.inf
        nearest = np.argsort(-likeness, kind="stable")[: min(self.count, len(self.words) - 1)]
        return tuple(self.words[other] for other in nearest)
