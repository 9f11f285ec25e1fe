"""Figures of the order of confidences alone: coverage at a precision, and out-of-scope AUROC.

Both take requests counted by group of equal confidence, groups by rising confidence, float [G, R], and give a
figure for each of the R columns. Requests of one group are never told apart.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.floating]


def coverage(requests: Counts, right: Counts, precisions: Sequence[float]) -> Floats:
    """The largest share of requests that can be answered, the most confident first, so that at least the
    given share of the answered ones is right, [len(precisions), R].

    0 where no threshold reaches that; NaN in a column without requests.

    Args:
        requests: [G, R], G ≥ 1.
        right: Those of them whose best hypothesis is right, [G, R].
        precisions: Each in (0, 1].
    """
    answered, hits = (np.cumsum(each[::-1], axis=0, dtype=np.float64) for each in (requests, right))
    total = answered[-1]
    rounding = 4.0 * np.finfo(np.float64).eps
    most = np.stack(
        [
            np.where(hits >= (precision - rounding) * answered, answered, 0.0).max(axis=0)
            for precision in precisions
        ]
    )  # [P, R]
    share: Floats = most / np.where(total > 0.0, total, np.nan)
    return share


def auroc(positive: Counts, negative: Counts) -> Floats:
    """The chance that a positive has a higher confidence than a negative, equal ones counting half, [R].

    NaN in a column where one of them is missing.

    Args:
        positive, negative: [G, R].
    """
    below = np.cumsum(negative, axis=0, dtype=np.float64) - 0.5 * negative
    pairs = positive.sum(axis=0, dtype=np.float64) * negative.sum(axis=0, dtype=np.float64)
    chance: Floats = (positive * below).sum(axis=0) / np.where(pairs > 0.0, pairs, np.nan)
    return chance
