"""Figures of the order of confidences alone: coverage at a precision, and out-of-scope AUROC.

All take weights [N, R] of N requests and give a figure for each of the R columns. Requests of the same
confidence are never told apart.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def coverage(confidence: Floats, right: Bools, weights: Floats, precision: float) -> Floats:
    """The largest share of requests that can be answered, the most confident first, so that at least
    `precision` of the answered ones are right, [R]; 0 where no threshold reaches it.

    Args:
        confidence: float [N], N ≥ 1.
        right: Whether the best hypothesis is right, bool [N].
        weights: float [N, R], none negative.
        precision: In (0, 1].
    """
    order = np.argsort(-confidence, kind="stable")
    ends = np.flatnonzero(np.diff(-confidence[order], append=np.inf))  # of the groups of equal confidence
    weights = weights[order].astype(np.float64)
    answered = np.cumsum(weights, axis=0)[ends]  # [G, R]
    hits = np.cumsum(weights * right[order, None], axis=0)[ends]
    reached = (hits >= precision * answered - 1e-9) & (answered > 0.0)
    most = np.where(reached, answered, 0.0).max(axis=0)  # [R]
    share: Floats = most / np.where(answered[-1] > 0.0, answered[-1], np.nan)
    return share


def auroc(score: Floats, positive: Bools, weights: Floats) -> Floats:
    """The chance that a positive has a higher score than a negative, equal scores counting half, [R].

    NaN where one of them has no weight.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    weights = weights[order].astype(np.float64)
    above = np.add.reduceat(weights * positive[order, None], starts, axis=0)  # [G, R]
    below = np.add.reduceat(weights * ~positive[order, None], starts, axis=0)
    wins = (above * (np.cumsum(below, axis=0) - 0.5 * below)).sum(axis=0)
    pairs = above.sum(axis=0) * below.sum(axis=0)
    chance: Floats = wins / np.where(pairs > 0.0, pairs, np.nan)
    return chance
