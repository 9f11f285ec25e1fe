"""The state of a training that was cut short, kept so that it ends as if it had not been."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.atomic import atomic_file
from components.shortlister.phase import Epoch

Arrays = Sequence[npt.NDArray[Any]]
_PROGRESS = "progress"


@dataclass
class Progress:
    """How far a phase is.

    Attributes:
        epochs: Those that are done.
        best_epoch: The one with the best dev accuracy, `best_top1`; 0 before the first.
        steps: Done of the epoch after them, with the sum of its requests' losses and its seconds so far.
        finished: Whether the phase is over.
    """

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best_top1: float = -1.0
    steps: int = 0
    loss: float = 0.0
    seconds: float = 0.0
    finished: bool = False


class Checkpoint:
    """One file, replaced as a whole, so that a kill at any moment leaves the state before or after.

    Args:
        path: Of the file; its folder is made. The caller sees to it that only a training of the same data,
            options and code finds it.
        every_s: Seconds after which a long epoch is saved in its middle.
    """

    def __init__(self, path: Path, *, every_s: float = 300.0) -> None:
        self.path = path
        self._every_s = every_s
        self._saved = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether so much time has gone by that an epoch should be saved in its middle."""
        return time.monotonic() - self._saved >= self._every_s

    def save(self, progress: Progress, groups: Mapping[str, Arrays]) -> None:
        """Replaces the state by `progress` and arrays in named groups."""
        arrays = {f"{name}/{n}": array for name, group in groups.items() for n, array in enumerate(group)}
        arrays[_PROGRESS] = np.frombuffer(msgspec.json.encode(progress), np.uint8)
        with atomic_file(self.path) as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        self._saved = time.monotonic()

    def load(self) -> tuple[Progress, dict[str, list[npt.NDArray[Any]]]] | None:
        """What `save` last wrote; None where there is nothing."""
        if not self.path.is_file():
            return None
        groups: dict[str, dict[int, npt.NDArray[Any]]] = {}
        with np.load(self.path) as saved:
            progress = msgspec.json.decode(saved[_PROGRESS].tobytes(), type=Progress)
            for key in saved.files:
                if key != _PROGRESS:
                    name, _, number = key.rpartition("/")
                    groups.setdefault(name, {})[int(number)] = saved[key]
        return progress, {name: [group[n] for n in range(len(group))] for name, group in groups.items()}
