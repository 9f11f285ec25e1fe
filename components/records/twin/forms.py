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
        self._table = np.where(np.arange(len(table))[:, None] > 0, table, np.float32(0))  # 0 is padding
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
        """The forms of words: float32 [W, D] from int [W, C].

        Each word is multiplied by itself: its form is the same to the last bit whatever words come with it,
        so that nothing depends on which words were met before.
        """
        real = chars != 0  # [W, C]
        longest = max(int(real.any(axis=0).sum()), 1)
        chars, real, words = chars[:, :longest], real[:, :longest], len(chars)
        before, size = (self._width - 1) // 2, self._table.shape[1]
        padded = np.zeros((words, longest + self._width - 1, size), np.float32)
        padded[:, before : before + longest] = self._table[chars]
        windows = np.concatenate([padded[:, j : j + longest] for j in range(self._width)], axis=-1)
        answers = np.zeros((words, longest, self.size), np.float32)
        for window, answer, length in zip(windows, answers, real.sum(axis=1).tolist(), strict=True):
            np.matmul(window[:length], self._kernel, out=answer[:length])
        answers += self._bias
        answers *= real[:, :, None]
        forms: Floats = answers.max(axis=1, initial=0.0)
        return forms
