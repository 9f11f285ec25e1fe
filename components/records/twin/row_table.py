"""A table with one vector per id, in 8 or 32 bits, of which a few rows are read at a time."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.integer[Any]]

Weights = Literal["int8", "float32"]

_LEVELS = 127


def quantise_rows(values: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Each row as whole numbers from -127 to 127 times a scale of its own: int8 [N, D] and float32 [N].

    Rows that were made of such numbers are given back as they were, to the last bit but one.
    """
    scales = np.abs(values).max(axis=1, initial=0.0) / np.float32(_LEVELS)  # [N]
    scales = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.rint(values / scales[:, None]).astype(np.int8), scales


class RowTable:
    """Rows that may be stored in 8 bits, with a scale each.

    Shapes: N rows, D size.

    Args:
        rows: int8 or float32 [N, D], usually a memory map.
        scales: float32 [N] for int8 rows, else None.
    """

    def __init__(self, rows: npt.NDArray[Any], scales: Floats | None) -> None:
        self.rows = rows
        self.scales = scales

    @classmethod
    def of(cls, values: Floats, weights: Weights) -> "RowTable":
        """Stores `values` as "int8" or "float32"."""
        return cls(*quantise_rows(values)) if weights == "int8" else cls(values.astype(np.float32), None)

    @classmethod
    def open(cls, stem: Path) -> "RowTable":
        """Maps the files that `write` left."""
        rows = np.load(f"{stem}.npy", mmap_mode="r")
        scales = np.load(f"{stem}.scales.npy") if rows.dtype == np.int8 else None
        return cls(rows.view(np.ndarray), scales)

    def write(self, stem: Path) -> None:
        """Writes STEM.npy and, for int8 rows, STEM.scales.npy."""
        np.save(f"{stem}.npy", self.rows)
        if self.scales is not None:
            np.save(f"{stem}.scales.npy", self.scales)

    def take(self, ids: Ids) -> Floats:
        """The rows of these ids: float32 [len(ids), D]."""
        rows = self.rows[ids]
        return rows if self.scales is None else rows * self.scales[ids][:, None]

    def total(self, ids: Ids) -> Floats:
        """The sum of the rows of these ids: float32 [D]."""
        rows = self.rows[ids]
        if self.scales is None:
            total: Floats = rows.sum(axis=0, dtype=np.float32)
        else:
            total = self.scales[ids] @ rows.astype(np.float32)
        return total

    def products(self, ids: Ids, vector: Floats) -> Floats:
        """The product of each of these rows with a vector [D]: float32 [len(ids)]."""
        products: Floats = self.rows[ids].astype(np.float32) @ vector
        return products if self.scales is None else products * self.scales[ids]
