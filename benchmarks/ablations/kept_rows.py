"""Trainings of a table that are already done, kept so that a measurement that was stopped goes on."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.shortlister_runs import Result
from components.shortlister.options import ShortlisterOptions

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kept:
    """What a table needs of one training; see `Result`. `seconds` are of its steps."""

    right: Bools
    right_any: Bools
    in_top5: Bools
    dev_top1: float
    seconds: float

    @classmethod
    def of(cls, result: Result) -> "Kept":
        return cls(result.right, result.right_any, result.in_top5, result.dev_top1, result.seconds)

    def __str__(self) -> str:
        return f"dev {self.dev_top1:.4f}, {self.seconds:.0f} s"


def kept_file(folder: Path, about: Sequence[Any], options: ShortlisterOptions) -> Path:
    """Where the training of these options is kept.

    Args:
        folder: Of all kept trainings. It knows nothing of the program: a changed one needs another folder.
        about: What beside the options decides about the training.
    """
    key = msgspec.json.encode([str(about), options])
    return folder / "trainings" / f"{hashlib.blake2b(key, digest_size=10).hexdigest()}.npz"


def once(file: Path, make: Callable[[], dict[str, Kept]]) -> dict[str, Kept]:
    """The rows that `make` gives, from `file` if it is there; else they are kept in it."""
    if not file.exists():
        made = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".part.npz")
        np.savez(
            draft,
            **{f"{row}/{name}": value for row, kept in made.items() for name, value in vars(kept).items()},
        )
        draft.replace(file)
        return made
    rows: dict[str, dict[str, Any]] = {}
    with np.load(file) as arrays:
        for key in arrays.files:
            row, _, name = key.rpartition("/")
            value = arrays[key]
            rows.setdefault(row, {})[name] = value if value.ndim else float(value)
    return {row: Kept(**fields) for row, fields in rows.items()}
