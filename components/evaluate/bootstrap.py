"""Intervals by the bootstrap: how much a figure would move on other requests of the same kind."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from components.evaluate.metrics import PRECISIONS
from components.evaluate.resampling import Columns, SliceFigures, draws
from components.evaluate.slicing import Rows
from components.evaluate.table import Table

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_UNBOUNDED = ("nll", "semer", "semer_per_request")  # can be above 1
METHOD = (
    "95 % bootstrap over requests: the percentiles of the resampled figures, shifted so that their mean is "
    "the figure itself (resampling alone raises ECE and lowers macro F1)."
)


def resampled(
    table: Table,
    slices: Mapping[str, Rows],
    *,
    resamples: int = 1000,
    seed: int = 0,
    precisions: Sequence[float] = PRECISIONS,
) -> dict[str, dict[str, Floats]]:
    """Each headline metric of each slice when its requests are drawn anew, [resamples], by slice and metric.

    The same draws serve every slice and metric, and every table of as many requests.

    Args:
        table: Of the whole set, in any fixed order.
        slices: Rows by name.
        resamples: Draws; 0 gives nothing.
        seed: The same seed and judgements give the same draws.
        precisions: Those that coverage is measured at.
    """
    columns = Columns(table)
    figures = {name: SliceFigures(columns, rows, precisions) for name, rows in slices.items()}
    parts: dict[str, dict[str, list[Floats]]] = {name: {} for name in slices}
    for weights in draws(table.size, resamples, seed):
        for name, of_slice in figures.items():
            for metric, values in of_slice(weights).items():
                parts[name].setdefault(metric, []).append(values)
    return {
        name: {metric: np.concatenate(values) for metric, values in found.items()}
        for name, found in parts.items()
    }


def intervals(
    metrics: Mapping[str, Mapping[str, float]],
    drawn: Mapping[str, Mapping[str, Floats]],
    level: float = 0.95,
) -> dict[str, dict[str, Interval]]:
    """The interval of each metric in each slice.

    Args:
        metrics: As measured, by slice.
        drawn: As `resampled`.
        level: Probability that an interval covers, in (0, 1).
    """
    return {
        name: {
            metric: _bounded(metric, metrics[name][metric], values, level) for metric, values in found.items()
        }
        for name, found in drawn.items()
        if found
    }


def interval(estimate: float, resampled: Floats, level: float = 0.95) -> Interval:
    """From a figure and its resamples; NaN among these is passed over."""
    resampled = resampled[~np.isnan(resampled)]
    if not len(resampled):
        return estimate, estimate
    tails = np.percentile(resampled, [50.0 * (1.0 - level), 50.0 * (1.0 + level)])
    low, high = estimate + tails - resampled.mean()
    return float(low), float(high)


def _bounded(metric: str, estimate: float, resampled: Floats, level: float) -> Interval:
    least = -1.0 if metric == "gain_over_popular" else 0.0
    most = np.inf if metric in _UNBOUNDED else 1.0
    low, high = np.clip(interval(estimate, resampled, level), least, most)
    return float(low), float(high)
