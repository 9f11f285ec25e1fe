"""Two evaluations of the same requests, compared request by request."""

from collections.abc import Collection, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from components.evaluate.bootstrap import Floats, interval
from components.evaluate.resampling import Resampler, draws
from components.evaluate.slices import OF_THE_ANSWER
from components.evaluate.slicing import crosses_in, slices_of
from components.evaluate.table import NONE, Table, rows_in
from components.evaluate.tally import PRECISIONS

METHOD = (
    "95 % paired bootstrap: both systems are measured on the same draws of the requests that both have "
    "answered; significant where the interval of the change does not hold 0."
)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of two systems, on the requests that both have answered.

    Attributes:
        before, after: The figure of each.
        change: `after` less `before`.
        low, high: The 95 % interval of `change`.
        deviation: The standard deviation of `change` over the resamples, its standard error.
        significant: Whether the interval does not hold 0. Of 20 figures that have not changed one is
            significant by chance.
    """

    before: float
    after: float
    change: float
    low: float
    high: float
    deviation: float
    significant: bool


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation held against an earlier one.

    Attributes:
        differences: By slice and metric.
        paired: Requests that both have answered.
        only_before, only_after: Requests that one of them alone has; in no difference.
    """

    differences: dict[str, dict[str, Difference]] = {}
    paired: int = 0
    only_before: int = 0
    only_after: int = 0


def compare(
    before: Table,
    after: Table,
    names: Collection[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
    precisions: Sequence[float] = PRECISIONS,
) -> Comparison:
    """Compares two tables, joined by request id, in the named slices.

    A slice holds the requests that `after` puts there, also for `before`; by `predicted_domain` it holds for
    each system the requests that this system has answered with that domain.

    Args:
        before, after: Each request once.
        names: The slices; one that has no request in both tables is left out.
        resamples: Draws; 0 compares nothing.
        seed: The same seed and tables give the same intervals.
        precisions: Those that coverage is measured at.
    """
    places = rows_in(before, after.request_ids)
    rows = np.flatnonzero(places != NONE)
    counted = Comparison(
        paired=len(rows), only_before=before.size - len(rows), only_after=after.size - len(rows)
    )
    if not resamples or not len(rows):
        return counted
    before, after = before.take(places[rows]), after.take(rows)
    own = {name: column for name, column in before.features.items() if name in OF_THE_ANSWER}
    before = before._replace(features={**after.features, **own})
    crosses = crosses_in(names)
    slices = [slices_of(table, crosses=crosses).rows for table in (before, after)]
    held = [name for name in names if all(len(rows.get(name, ())) for rows in slices)]
    resamplers = [Resampler(table, precisions) for table in (before, after)]
    parts: dict[str, dict[str, list[NDArray[np.float64]]]] = {name: {} for name in held}
    for weights in draws(after.size, resamples, seed):
        for name in held:
            was, now = (
                resampler(rows[name], weights[rows[name]])
                for resampler, rows in zip(resamplers, slices, strict=True)
            )
            for metric in was.keys() & now.keys():
                parts[name].setdefault(metric, []).append(np.stack([was[metric], now[metric]]))
    differences = {
        name: {metric: _difference(np.concatenate(pairs, axis=1)) for metric, pairs in sorted(found.items())}
        for name, found in parts.items()
    }
    return msgspec.structs.replace(
        counted, differences={name: found for name, found in differences.items() if found}
    )


def _difference(pairs: Floats) -> Difference:
    """From the figures before and after, [2, 1 + R], the first ones as measured."""
    changes = pairs[1] - pairs[0]
    low, high = interval(changes)
    return Difference(
        before=float(pairs[0, 0]),
        after=float(pairs[1, 0]),
        change=float(changes[0]),
        low=low,
        high=high,
        deviation=float(np.nanstd(changes)),
        significant=low > 0.0 or high < 0.0,
    )
