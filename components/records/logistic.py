"""Logistic maps: from scores to the probability that an answer is right."""

import math

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.manifest import MOST_LEAD, Calibration

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
    slope, intercept = _fit_platt(scores[:, None], right)
    if slope > 0.0:
        return Calibration(slope=slope, intercept=intercept)
    share = float(np.mean(_platt_targets(right)))
    return Calibration(slope=0.0, intercept=math.log(share / (1 - share)))


def fit_best(scores: Floats, right: Bools) -> Calibration:
    """Fits Platt's map with the lead of the best candidate as a second input.

    Where one of the two weights would be negative, the other input is taken alone.

    Args:
        scores: [N, k], finite log-odds, best first.
        right: [N], whether the best candidate is right.

    Returns: The map of the best candidates; without a runner-up that of `fit_platt`.
    """
    best, lead = scores[:, 0], leads(scores)
    if lead.any():
        slope, weight, intercept = _fit_platt(np.stack([best, lead], axis=1), right)
        if slope < 0.0:
            slope, (weight, intercept) = 0.0, _fit_platt(lead[:, None], right)
        if weight > 0.0:
            return Calibration(slope=slope, lead=weight, intercept=intercept)
    return fit_platt(best, right)


def fit_runners_up(calibration: Calibration, scores: Floats, right: Bools) -> Calibration:
    """Adds to a map fitted on the best candidates what being behind takes from a runner-up.

    By likelihood, within what keeps the order of the scores.

    Args:
        calibration: Of the best candidates.
        scores: [N, k], finite log-odds, best first.
        right: [N, k], whether each candidate is right.

    Returns: The map with its `margin` and `behind`; unchanged where there are no runners-up.
    """
    gap = scores - scores[:, :1]  # [N, k], not positive
    later = gap < 0.0
    if not later.any():
        return calibration
    best_alone = msgspec.structs.replace(calibration, margin=0.0, behind=0.0)
    offset = _log_odds(best_alone, scores)[later]
    gap, target = gap[later], right[later].astype(np.float64)
    scale = float(-gap.min())
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
    return sigmoid(_log_odds(calibration, scores))


def leads(scores: Floats) -> Floats:
    """How far the best candidate is ahead, up to `MOST_LEAD`: [N] from log-odds [N, k], best first."""
    second = scores[:, min(1, scores.shape[1] - 1)]
    return np.minimum(scores[:, 0] - second, MOST_LEAD)


def _log_odds(calibration: Calibration, scores: Floats) -> Floats:
    gap = scores - scores[:, :1]
    found = calibration.slope * scores + calibration.margin * gap + calibration.intercept
    return found + calibration.lead * leads(scores)[:, None] + calibration.behind * (gap < 0.0)


def _fit_platt(inputs: Floats, right: Bools) -> list[float]:
    """The weights of `inputs` [N, D] and the intercept, D + 1 in all, with Platt's targets."""
    centre, scale = inputs.mean(axis=0), np.maximum(inputs.std(axis=0), 1e-6)
    design = np.column_stack([(inputs - centre) / scale, np.ones(len(inputs))])
    fitted = fit_logistic(design, _platt_targets(right))
    weights = fitted[:-1] / scale
    return [*weights.tolist(), float(fitted[-1] - weights @ centre)]


def _platt_targets(right: Bools) -> Floats:
    positive = int(right.sum())
    return np.where(right, (positive + 1) / (positive + 2), 1 / (len(right) - positive + 2))


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
