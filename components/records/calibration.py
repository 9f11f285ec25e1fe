"""How far a confidence can be trusted: reliability bins, ECE, Brier and the log loss.

All functions take `confidence` float [N] in [0, 1] and `correct` bool [N]: whether the confidence's event
came about, such as that routing to the best hypothesis' skill is right. They do not depend on the order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BINS = 15
_Z = 1.959963984540054  # of a 95 % interval


class Bins(NamedTuple):
    """Bins that hold at least one request, by rising confidence; B' ≤ bins.

    Attributes:
        size: Requests, [B'].
        confidence: Mean confidence, [B'].
        accuracy: Share that is right, [B'].
        spread: Sum of c·(1 − c) over the bin's confidences c, [B']: the variance of the number of right
            answers if every confidence were true.
    """

    size: Floats
    confidence: Floats
    accuracy: Floats
    spread: Floats


def equal_width(confidence: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """The bin of each confidence, [N]: bin b holds (b/bins, (b+1)/bins]; 0 goes to the first."""
    return np.searchsorted(np.linspace(0.0, 1.0, bins + 1)[1:-1], confidence, side="left")  # [N]


def equal_mass(confidence: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """The bin of each confidence, [N], with as equal counts as ties allow.

    Equal confidences share a bin, the one of the lowest-placed of them: bin = ⌊bins · (number of smaller
    confidences) / N⌋.
    """
    _, inverse, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    smaller = np.cumsum(counts) - counts  # [distinct]
    return (bins * smaller // max(len(confidence), 1))[inverse]  # [N]


def reliability(confidence: Floats, correct: Bools, bin_of: NDArray[np.int64], bins: int = BINS) -> Bins:
    """The reliability diagram's bins; empty ones are left out."""
    order = np.lexsort((correct, confidence))  # fixes the order of summation
    confidence, correct, bin_of = confidence[order], correct[order], bin_of[order]
    count = np.bincount(bin_of, minlength=bins).astype(np.float64)  # [bins]
    held = count > 0

    def sums(values: Floats | Bools) -> Floats:
        return np.bincount(bin_of, weights=values, minlength=bins)[held].astype(np.float64)

    return Bins(
        size=count[held],
        confidence=sums(confidence) / count[held],
        accuracy=sums(correct) / count[held],
        spread=sums(confidence * (1.0 - confidence)),
    )


def expected_calibration_error(bins: Bins) -> float:
    """ECE = Σ_b n_b/N · |accuracy_b − confidence_b|; 0 without requests."""
    total = bins.size.sum()
    gaps = np.abs(bins.accuracy - bins.confidence)
    return float((bins.size * gaps).sum() / total) if total else 0.0


def ece(confidence: Floats, correct: Bools, *, bins: int = BINS) -> float:
    """The expected calibration error over bins of equal width; 0 without requests."""
    return expected_calibration_error(reliability(confidence, correct, equal_width(confidence, bins), bins))


def calibration_floor(bins: Bins) -> float:
    """The ECE that a perfectly calibrated model would show on as many requests, by chance alone.

    The number of right answers in a bin then has variance `spread`, so that its mean absolute deviation is
    about sqrt(2 · spread / π) (normal approximation; it is above the true value in bins of few requests).
    """
    total = bins.size.sum()
    return float(np.sqrt(2.0 * bins.spread / np.pi).sum() / total) if total else 0.0


def brier(confidence: Floats, correct: Bools) -> float:
    """Mean squared distance of the confidence from what happened; 0 without requests."""
    errors = np.sort((confidence - correct) ** 2)
    return float(errors.mean()) if len(errors) else 0.0


def wilson(share: float, size: int) -> tuple[float, float]:
    """Wilson's (1927) 95 % interval of a share that was seen in `size` trials; (0, 1) without any."""
    if size == 0:
        return 0.0, 1.0
    centre = share + _Z**2 / (2 * size)
    spread = _Z * float(np.sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2)))
    scale = 1 + _Z**2 / size
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def log_losses(confidence: Floats, correct: Bools) -> Floats:
    """−ln of the probability that each confidence gives to what happened, [N]; NLL is their mean.

    Confidences are held 2.2e-16 away from 0 and 1, so that a certain mistake costs 36 and not infinity.
    """
    least = np.finfo(np.float64).eps
    given = np.where(correct, confidence, 1.0 - confidence)
    losses: Floats = -np.log(np.clip(given, least, 1.0 - least))
    return losses
