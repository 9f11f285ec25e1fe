"""Word vectors from spelling, without TensorFlow."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Forms:
    """Reads words' characters with one convolution, as `components.records.layers.word_forms` does.

    Shapes: W words, C characters (padded), S character vector, F filters seen at once, D form.

    Args:
        table: One row per character id, [ids, S].
        kernel: [F·S, D].
        bias: [D].
    """

    def __init__(self, table: Floats, kernel: Floats, bias: Floats) -> None:
        self.size = len(bias)
        self._table = table
        self._kernel = kernel
        self._bias = bias
        self._width = len(kernel) // table.shape[1]

    @classmethod
    def open(cls, path: Path) -> "Forms":
        """Reads the file that `write` left."""
        with np.load(path) as arrays:
            return cls(arrays["table"], arrays["kernel"], arrays["bias"])

    def write(self, path: Path) -> None:
        np.savez(path, table=self._table, kernel=self._kernel, bias=self._bias)

    def __call__(self, chars: npt.NDArray[np.integer[Any]]) -> Floats:
        """The forms of words: float32 [W, D] from int [W, C]."""
        longest = max(int((chars != 0).any(axis=0).sum()), 1)
        chars = chars[:, :longest]
        real = (chars != 0).astype(np.float32)[..., None]  # [W, C, 1]
        before = (self._width - 1) // 2
        padded = np.zeros((len(chars), longest + self._width - 1, self._table.shape[1]), np.float32)
        padded[:, before : before + longest] = self._table[chars] * real
        windows = np.concatenate([padded[:, j : j + longest] for j in range(self._width)], axis=-1)
        answers = np.maximum(windows @ self._kernel + self._bias, 0) * real  # [W, C, D]
        forms: Floats = answers.max(axis=1)
        return forms
