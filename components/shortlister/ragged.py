"""Rows of different lengths, packed end to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


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
        return Ragged.pack(self.pad(rows))

    def pad(self, rows: npt.NDArray[np.int64]) -> Ints:
        """The rows as int32 [len(rows), longest of them (at least 1)], padded with 0."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        position = np.arange(max(int(lengths.max(initial=0)), 1))
        real = position < lengths[:, None]
        padded = np.zeros(real.shape, np.int32)
        padded[real] = self.values[(starts[:, None] + position)[real]]
        return padded

    def flat(self, rows: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
        """The values of these rows end to end, and for each the place in `rows` of its row."""
        lengths = self.lengths[rows]
        ends = lengths.cumsum()
        places = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        within = np.arange(len(places)) - np.repeat(ends - lengths, lengths)
        return self.values[np.repeat(self.starts[rows], lengths) + within], places
