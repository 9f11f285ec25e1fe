"""Which skills a model puts above a request's label: all that is kept of an epoch's predictions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from components.shortlister.ragged import Ints

_NAME = "epoch-{:04d}.npy"


def above_label(
    numbers: Ints, scores: npt.NDArray[Any], label_scores: npt.NDArray[Any], *, p: int
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """The skills among a request's best p that score above its label; an equal score is not above.

    C_t(x) = { d : rank_t(d) ≤ p and o_{t,d} > o_{t,y} }, ranks among all skills.

    Args:
        numbers: [N, k], the best skills, best first; k may be smaller or larger than p.
        scores: [N, k], theirs.
        label_scores: [N], that of the label; infinity where there is none.

    Returns: [N, min(p, k)], number + 1 of each, 0 for none; in the smallest unsigned type that holds them.
    """
    above = scores[:, :p] > label_scores[:, None]
    ids = np.where(above, numbers[:, :p] + 1, 0)
    return ids.astype(np.min_scalar_type(int(ids.max(initial=0))))


def write_epoch(folder: Path, epoch: int, above: npt.NDArray[np.unsignedinteger[Any]]) -> None:
    """Keeps what `above_label` gave for an epoch (from 1): N·p ids of one or two bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _NAME.format(epoch), above, allow_pickle=False)


def read_epochs(folder: Path, last: int) -> Sequence[Ints]:
    """What was kept of the epochs 1 to `last`: int32 [N, p] each.

    Raises:
        FileNotFoundError: An epoch is missing.
    """
    return [
        np.load(folder / _NAME.format(epoch), allow_pickle=False).astype(np.int32)
        for epoch in range(1, last + 1)
    ]
