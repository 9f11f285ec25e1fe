"""Logistic maps: from scores to the probability that an answer is right."""

import math

import msgspec
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
    finite map. A slope is never negative: an order is never turned round.

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
    weights = fit_logistic(design, target)
    slope = max(float(weights[0] / scale), 0.0)
    if slope == 0.0:
        share = float(np.mean(target))
        return Calibration(slope=0.0, intercept=math.log(share / (1 - share)))
    return Calibration(slope=slope, intercept=float(weights[1] - slope * centre))


def fit_runners_up(calibration: Calibration, scores: Floats, right: Bools) -> Calibration:
    """Adds to a map fitted on the best candidates what being behind takes from a runner-up.

    By likelihood, within what keeps the order of the scores.

    Args:
        calibration: As `fit_platt` gives it.
        scores: [N, k], finite log-odds, best first.
        right: [N, k], whether each candidate is right.

    Returns: The map with its `margin` and `behind`; unchanged where there are no runners-up.
    """
    gap = (scores - scores[:, :1])[:, 1:].ravel()  # [N·(k-1)], not positive
    later = gap < 0.0
    if not later.any():
        return calibration
    gap = gap[later]
    scale = float(-gap.min())
    target = right[:, 1:].ravel()[later].astype(np.float64)
    offset = calibration.slope * scores[:, 1:].ravel()[later] + calibration.intercept
    design = np.stack([gap / scale, np.ones_like(gap)], axis=1)
    margin, behind = fit_logistic(design, target, offset) / (scale, 1.0)
    if margin < -calibration.slope:
        margin = -calibration.slope
        (behind,) = fit_logistic(design[:, 1:], target, offset + margin * gap)
    if behind > 0.0:
        behind = 0.0
        (margin,) = fit_logistic(design[:, :1], target, offset) / scale
    return msgspec.structs.replace(
        calibration, margin=max(float(margin), -calibration.slope), behind=min(float(behind), 0.0)
    )


def confidences(calibration: Calibration, scores: Floats) -> Floats:
    """The confidence of every candidate: [N, k] from log-odds [N, k], best first."""
    gap = scores - scores[:, :1]
    z = calibration.slope * scores + calibration.margin * gap + calibration.intercept
    return sigmoid(z + calibration.behind * (gap < 0.0))


def fit_logistic(
    design: Floats,
    target: Floats,
    offset: Floats | float = 0.0,
    *,
    ridge: float = _RIDGE,
    weight: Floats | float = 1.0,
) -> Floats:
    """The weights [D] that maximise the likelihood of `target` [N] under sigmoid(design · weights + offset).

    Newton's method with halved steps. Half of `ridge` times the weights' squares is taken off the likelihood;
    a tiny one keeps separable data finite. `weight` [N] is how much each row counts.
    """
    weights = np.zeros(design.shape[1])

    def cost(w: Floats) -> float:
        z = design @ w + offset
        return float(np.sum(weight * (np.logaddexp(0.0, z) - target * z)) + 0.5 * ridge * w @ w)

    for _ in range(_STEPS):
        p = sigmoid(design @ weights + offset)
        gradient = design.T @ (weight * (p - target)) + ridge * weights
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + ridge * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        while cost(weights - step) > cost(weights) and np.abs(step).max() > 1e-12:
            step /= 2
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return weights
