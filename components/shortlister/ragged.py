"""Rows of different lengths, packed end to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True)
class Ragged:
    """Row i is values[starts[i]:starts[i + 1]]; values are int32 ids, all positive."""

    values: Ints
    starts: npt.NDArray[np.int64]

    @classmethod
    def pack(cls, padded: npt.NDArray[Any]) -> "Ragged":
        """Packs int [N, longest], where 0 is padding, wherever it stands."""
        real = padded != 0
        return cls(padded[real].astype(np.int32), np.concatenate([[0], real.sum(axis=1).cumsum()]))

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Ragged":
        """Rows of positive ids."""
        values = np.array([value for row in rows for value in row], np.int32)
        return cls(values, np.cumsum([0, *map(len, rows)], dtype=np.int64))

    @classmethod
    def empty(cls, rows: int) -> "Ragged":
        """That many rows without a value."""
        return cls(np.zeros(0, np.int32), np.zeros(rows + 1, np.int64))

    @classmethod
    def join(cls, parts: Sequence["Ragged"]) -> "Ragged":
        """The rows of all parts, in order."""
        lengths = np.concatenate([np.zeros(1, np.int64), *(part.lengths for part in parts)])
        return cls(
            np.concatenate([np.zeros(0, np.int32), *(part.values for part in parts)]), lengths.cumsum()
        )

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.starts)

    def take(self, rows: npt.NDArray[np.int64]) -> "Ragged":
        """These rows, packed anew."""
        starts = np.concatenate([[0], self.lengths[rows].cumsum()])
        return Ragged(self.take_beside(self.values, rows), starts)

    def take_beside(self, values: npt.NDArray[Value], rows: npt.NDArray[np.int64]) -> npt.NDArray[Value]:
        """Those of `values`, which stand beside the ids, that `take` keeps the ids of."""
        lengths = self.lengths[rows]
        first = self.starts[rows] - np.concatenate([[0], lengths.cumsum()[:-1]])
        kept: npt.NDArray[Value] = values[np.repeat(first, lengths) + np.arange(lengths.sum())]
        return kept

    def pad(self, rows: npt.NDArray[np.int64]) -> Ints:
        """The rows as int32 [len(rows), longest of them (at least 1)], padded with 0."""
        return self.pad_beside(self.values, rows)

    def pad_beside(self, values: npt.NDArray[Value], rows: npt.NDArray[np.int64]) -> npt.NDArray[Value]:
        """As `pad`, of `values` that stand beside the ids, one for each."""
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        position = np.arange(max(int(lengths.max(initial=0)), 1))
        real = position < lengths[:, None]
        padded = np.zeros(real.shape, values.dtype)
        padded[real] = values[(starts[:, None] + position)[real]]
        return padded

    def flat(self, rows: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
        """The values of these rows end to end, and for each the place in `rows` of its row."""
        places = np.repeat(np.arange(len(rows), dtype=np.int32), self.lengths[rows])
        return self.take_beside(self.values, rows), places
