"""Intervals by the bootstrap: how much a figure would move on other requests of the same kind."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from components.evaluate.resampling import Resampler, draws
from components.evaluate.slicing import Rows
from components.evaluate.table import Table
from components.evaluate.tally import PRECISIONS

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_UNBOUNDED = ("nll", "semer", "semer_per_request")  # can be above 1
METHOD = (
    "95 % bootstrap over requests: the percentiles of the resampled figures, shifted so that their mean is "
    "the figure itself (resampling alone raises ECE and lowers macro F1)."
)


def intervals(
    table: Table,
    slices: Mapping[str, Rows],
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    precisions: Sequence[float] = PRECISIONS,
) -> dict[str, dict[str, Interval]]:
    """The interval of each headline metric in each slice: requests are drawn anew `resamples` times.

    The same draws serve every slice and metric. Metrics that have nothing to be computed on are left out.

    Args:
        table: Of the whole set, in any fixed order.
        slices: Rows by name.
        resamples: Draws; 0 gives no interval.
        seed: The same seed and judgements give the same intervals.
        level: Probability that an interval covers, in (0, 1).
        precisions: Those that coverage is measured at.
    """
    if resamples == 0:
        return {}
    resampler = Resampler(table, precisions)
    parts: dict[str, dict[str, list[Floats]]] = {name: {} for name in slices}
    for weights in draws(table.size, resamples, seed):
        for name, rows in slices.items():
            for metric, values in resampler(rows, weights[rows]).items():
                parts[name].setdefault(metric, []).append(values)
    return {
        name: {metric: _bounded(metric, np.concatenate(values), level) for metric, values in found.items()}
        for name, found in parts.items()
        if found
    }


def interval(values: Floats, level: float = 0.95) -> Interval:
    """From a figure, `values[0]`, and its resamples, `values[1:]`; NaN among these is passed over."""
    estimate, resampled = values[0], values[1:]
    resampled = resampled[~np.isnan(resampled)]
    if not len(resampled):
        return float(estimate), float(estimate)
    tails = np.percentile(resampled, [50.0 * (1.0 - level), 50.0 * (1.0 + level)])
    low, high = estimate + tails - resampled.mean()
    return float(low), float(high)


def _bounded(metric: str, values: Floats, level: float) -> Interval:
    least = -1.0 if metric == "gain_over_popular" else 0.0
    most = np.inf if metric in _UNBOUNDED else 1.0
    low, high = np.clip(interval(values, level), least, most)
    return float(low), float(high)
