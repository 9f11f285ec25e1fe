"""Above which confidence a model's own answer is good enough to be a label."""

import math

import numpy as np
import numpy.typing as npt

_Z = 1.6448536269514722  # 95 %, one-sided


def wilson_lower(right: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The lower end of Wilson's one-sided 95 % interval of right / count; both [N], count positive."""
    share = right / count
    centre = share + _Z**2 / (2 * count)
    spread = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    lower: npt.NDArray[np.float64] = (centre - spread) / (1 + _Z**2 / count)
    return lower


def confidence_for(
    confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], *, precision: float
) -> float:
    """The lowest threshold above which enough answers are right, by a confidence bound.

    Answers of equal confidence stand or fall together. A point estimate kept its promise on less than half of
    new samples; the bound is Wilson's, one-sided, 95 %.

    Args:
        confidence: [N], of dev's best answers; requests that no skill can serve count as wrong ones.
        right: [N].
        precision: Least share of right answers among those at or above the threshold.

    Returns: The threshold, to be met or exceeded; infinity where none keeps the promise.
    """
    if len(confidence) == 0:
        return math.inf
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    last = np.append(ordered[1:] != ordered[:-1], True)  # of its run of equal confidences
    bound = wilson_lower(np.cumsum(right[order]), np.arange(1, len(order) + 1))
    kept = np.flatnonzero(last & (bound >= precision))
    return float(ordered[kept[-1]]) if len(kept) else math.inf
