"""Two evaluations of the same requests, compared request by request."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from components.evaluate.bootstrap import Floats, interval, resampled
from components.evaluate.metrics import PRECISIONS
from components.evaluate.slices import OF_THE_ANSWER
from components.evaluate.slicing import Rows, crosses_in, slices_of
from components.evaluate.table import NONE, Table, rows_in
from components.evaluate.tally import tally

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


class Measured(NamedTuple):
    """The figures of a table by slice and metric.

    Attributes:
        metrics: As they are.
        drawn: On each draw, see `bootstrap.resampled`.
    """

    metrics: Mapping[str, Mapping[str, float]]
    drawn: Mapping[str, Mapping[str, Floats]]


def compare(
    before: Table,
    after: Table,
    names: Collection[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
    precisions: Sequence[float] = PRECISIONS,
    of_after: Measured | None = None,
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
        of_after: The figures of `after` on the same draws, where they are at hand; taken where `before` has
            all its requests.
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
    draw: dict[str, Any] = {"resamples": resamples, "seed": seed, "precisions": precisions}
    was = _measured(before, {name: slices[0][name] for name in held}, **draw)
    now = of_after
    if now is None or counted.only_after:
        now = _measured(after, {name: slices[1][name] for name in held}, **draw)
    differences = {
        name: {
            metric: _difference(
                was.metrics[name][metric],
                now.metrics[name][metric],
                now.drawn[name][metric] - was.drawn[name][metric],
            )
            for metric in sorted(was.drawn[name].keys() & now.drawn[name].keys())
        }
        for name in held
    }
    return msgspec.structs.replace(
        counted, differences={name: found for name, found in differences.items() if found}
    )


def _measured(
    table: Table, slices: Mapping[str, Rows], *, resamples: int, seed: int, precisions: Sequence[float]
) -> Measured:
    return Measured(
        {name: tally(table.take(rows)).metrics(precisions) for name, rows in slices.items()},
        resampled(table, slices, resamples=resamples, seed=seed, precisions=precisions),
    )


def _difference(before: float, after: float, changes: Floats) -> Difference:
    """`changes`: on each draw."""
    low, high = interval(after - before, changes)
    changes = changes[~np.isnan(changes)]
    return Difference(
        before=before,
        after=after,
        change=after - before,
        low=low,
        high=high,
        deviation=float(changes.std()) if len(changes) else 0.0,
        significant=low > 0.0 or high < 0.0,
    )
