"""Two evaluations of the same requests, compared request by request."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from components.evaluate.bootstrap import Floats, interval, resampled
from components.evaluate.slices import OF_THE_ANSWER
from components.evaluate.slicing import Rows, crosses_in, slices_of
from components.evaluate.table import NONE, Table, rows_in
from components.evaluate.tally import PRECISIONS, tally

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
    sides = [
        _Side(table, {name: rows[name] for name in held}, resamples, seed, precisions)
        for table, rows in zip((before, after), slices, strict=True)
    ]
    differences = {
        name: {
            metric: _difference(*(each.figure(name, metric) for each in sides))
            for metric in sorted(sides[0].drawn[name].keys() & sides[1].drawn[name].keys())
        }
        for name in held
    }
    return msgspec.structs.replace(
        counted, differences={name: found for name, found in differences.items() if found}
    )


class _Figure(NamedTuple):
    """A figure as measured, and as on each draw."""

    value: float
    drawn: Floats


class _Side:
    """The figures of one of the two systems."""

    def __init__(
        self, table: Table, slices: Mapping[str, Rows], resamples: int, seed: int, precisions: Sequence[float]
    ) -> None:
        self.drawn = resampled(table, slices, resamples=resamples, seed=seed, precisions=precisions)
        self._metrics = {name: tally(table.take(rows)).metrics(precisions) for name, rows in slices.items()}

    def figure(self, name: str, metric: str) -> _Figure:
        return _Figure(self._metrics[name][metric], self.drawn[name][metric])


def _difference(before: _Figure, after: _Figure) -> Difference:
    change, changes = after.value - before.value, after.drawn - before.drawn
    low, high = interval(change, changes)
    changes = changes[~np.isnan(changes)]
    return Difference(
        before=before.value,
        after=after.value,
        change=change,
        low=low,
        high=high,
        deviation=float(changes.std()) if len(changes) else 0.0,
        significant=low > 0.0 or high < 0.0,
    )
