"""Figures of the order of confidences alone: coverage at a precision, and out-of-scope AUROC.

Both take weights, float [N, R], of N requests, and give a figure for each of the R columns. Requests of the
same confidence are never told apart.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Weights = NDArray[np.floating]


def coverage(confidence: Floats, right: Bools, weights: Weights, precisions: Sequence[float]) -> Floats:
    """The largest share of requests that can be answered, the most confident first, so that at least the
    given share of the answered ones is right, [len(precisions), R].

    0 where no threshold reaches that; NaN in a column without weight.

    Args:
        confidence: float [N], N ≥ 1.
        right: Whether the best hypothesis is right, bool [N].
        weights: Whole numbers, none negative.
        precisions: Each in (0, 1].
    """
    order = np.argsort(-confidence, kind="stable")
    ends = np.flatnonzero(np.diff(-confidence[order], append=np.inf))  # of the groups of equal confidence
    weights = weights[order]
    answered = np.cumsum(weights, axis=0)[ends]  # [G, R]
    hits = np.cumsum(weights * right[order, None], axis=0)[ends]
    total = answered[-1].astype(np.float64)  # [R]
    rounding = 4.0 * np.finfo(weights.dtype).eps
    most = np.stack(
        [
            np.where(hits >= (precision - rounding) * answered, answered, 0.0).max(axis=0)
            for precision in precisions
        ]
    )  # [P, R]
    share: Floats = most / np.where(total > 0.0, total, np.nan)
    return share


def auroc(score: Floats, positive: Bools, weights: Weights) -> Floats:
    """The chance that a positive has a higher score than a negative, equal scores counting half, [R].

    NaN in a column where one of them has no weight.

    Args:
        score: float [N], N ≥ 1.
        positive: bool [N].
        weights: None negative.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    weights = weights[order]
    above = np.add.reduceat(weights * positive[order, None], starts, axis=0)  # [G, R]
    below = np.add.reduceat(weights * ~positive[order, None], starts, axis=0)
    wins = (above * (np.cumsum(below, axis=0) - 0.5 * below)).sum(axis=0, dtype=np.float64)
    pairs = above.sum(axis=0, dtype=np.float64) * below.sum(axis=0, dtype=np.float64)
    chance: Floats = wins / np.where(pairs > 0.0, pairs, np.nan)
    return chance
