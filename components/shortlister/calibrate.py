"""From scores to probabilities: Platt's map, its error, and the threshold of refusal. NumPy only."""

import math

import numpy as np
import numpy.typing as npt

from components.records.manifest import Calibration

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_STEPS = 100
_RIDGE = 1e-6


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x), without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def fit_platt(scores: Floats, right: Bools) -> Calibration:
    """Fits sigmoid(slope · score + intercept) to `right` by likelihood.

    Platt (1999), with his targets (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2), so that a set without a mistake gives a
    finite map. Newton's method with halved steps. A slope is never negative: an order is never turned round.

    Args:
        scores: [N], finite log-odds.
        right: [N].

    Returns: The map; the identity where there are no scores.
    """
    if len(scores) == 0:
        return Calibration()
    positive = int(right.sum())
    target = np.where(right, (positive + 1) / (positive + 2), 1 / (len(right) - positive + 2))
    centre, scale = scores.mean(), max(scores.std(), 1e-6)
    design = np.stack([(scores - centre) / scale, np.ones_like(scores)], axis=1)  # [N, 2]
    weights = np.zeros(2)

    def cost(w: Floats) -> float:
        z = design @ w
        return float(np.sum(np.logaddexp(0.0, z) - target * z) + 0.5 * _RIDGE * w @ w)

    for _ in range(_STEPS):
        p = sigmoid(design @ weights)
        gradient = design.T @ (p - target) + _RIDGE * weights
        curvature = (design * (p * (1 - p))[:, None]).T @ design + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while cost(weights - step) > cost(weights) and np.abs(step).max() > 1e-12:
            step /= 2
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    slope = max(float(weights[0] / scale), 0.0)
    if slope == 0.0:
        share = float(np.mean(target))
        return Calibration(slope=0.0, intercept=math.log(share / (1 - share)))
    return Calibration(slope=slope, intercept=float(weights[1] - slope * centre))


def expected_calibration_error(confidence: Floats, right: Bools, *, bins: int = 15) -> float:
    """Σ_b n_b/N · |accuracy_b - confidence_b|, bins ((b-1)/bins, b/bins] of equal width; 0 for 0 rows."""
    if len(confidence) == 0:
        return 0.0
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def refusal_threshold(inside: Floats, outside: Floats) -> float | None:
    """The confidence below which to refuse: where accepted in-scope plus refused out-of-scope shares peak.

    Args:
        inside: Best confidence of each in-scope request.
        outside: Best confidence of each out-of-scope request.

    Returns: The threshold, or None where one of the two is empty.
    """
    if len(inside) == 0 or len(outside) == 0:
        return None
    cuts = np.unique(np.concatenate([inside, outside]))
    accepted = 1.0 - np.searchsorted(np.sort(inside), cuts) / len(inside)
    refused = np.searchsorted(np.sort(outside), cuts) / len(outside)
    return float(cuts[int(np.argmax(accepted + refused))])
