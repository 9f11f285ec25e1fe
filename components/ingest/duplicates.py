"""Which records repeat a request id."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

IDENTITY = np.dtype(
    [
        ("id", "<u8", (2,)),
        ("content", "<u8", (2,)),
        ("partition", "<u4"),
        ("_", "<u4"),
        ("position", "<u8"),
    ]
)
"""As `rows.identity_of` writes it."""


class Repeat(NamedTuple):
    """A record whose id an earlier record has; `same` if the content is equal too."""

    partition: int
    position: int
    same: bool


def repeats(identities: npt.NDArray[np.void]) -> list[Repeat]:
    """Every record but the first, by position, of each request id.

    Args:
        identities: [N] of `IDENTITY`, in any order; all records of an id among them.

    Returns:
        By position. A repeat is the same where its content equals the first record's.
    """
    if not len(identities):
        return []
    high, low = identities["id"].T
    order = np.lexsort((identities["position"], low, high))  # [N]
    ordered = identities[order]  # [N]
    ids, contents = ordered["id"], ordered["content"]  # [N, 2]
    again = np.flatnonzero((ids[1:] == ids[:-1]).all(axis=1)) + 1  # [R]
    first = np.arange(len(ordered))
    first[again] = 0
    np.maximum.accumulate(first, out=first)  # [N] the first record of each one's id
    same = (contents[again] == contents[first[again]]).all(axis=1)  # [R]
    found = [
        Repeat(int(record["partition"]), int(record["position"]), bool(equal))
        for record, equal in zip(ordered[again], same, strict=True)
    ]
    return sorted(found, key=lambda repeat: repeat.position)
