"""What changed against the system in service, request by request."""

from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.differences import METHOD, Comparison, Difference
from components.evaluate.headlines import COMPARED, TEN
from components.evaluate.metrics import LOWER_IS_BETTER
from components.evaluate.review.charts.forest import Figure, forest
from components.evaluate.review.found import Found
from components.evaluate.review.slice_table import in_words
from components.evaluate.slices import ALL

BETTER, WORSE, SAME = "better", "worse", "same"
_OF_SLICES = ("top1", "macro_f1", "irer", "ece")
_MOST = 25


class Row(NamedTuple):
    """A figure of a slice before and after; `kind` as `kind_of`."""

    slice: str
    metric: str
    found: Difference
    kind: str


class Shown(NamedTuple):
    """What the section is made of.

    Attributes:
        comparison: How many requests were compared.
        counts: Headline figures by kind.
        chart: Their changes.
        rows: The headline figures.
        slices: Significant changes in single slices, the largest first.
        tested: How many figures of slices were compared.
        left_out: Of the significant ones, those not in `slices`.
        method: How the intervals were computed.
    """

    comparison: Comparison
    counts: dict[str, int]
    chart: Markup
    rows: list[Row]
    slices: list[Row]
    tested: int
    left_out: int
    method: str = METHOD


def section(found: Found) -> Shown | None:
    comparison = found.evaluation.comparison
    own = comparison.differences.get(ALL, {})
    rows = [_row(ALL, name, own[name]) for name in COMPARED if name in own]
    if not rows:
        return None
    tested = [
        _row(name, metric, differences[metric])
        for name, differences in comparison.differences.items()
        if name != ALL
        for metric in _OF_SLICES
        if metric in differences
    ]
    changed = sorted(
        (row for row in tested if row.kind != SAME),
        key=lambda row: (row.kind != WORSE, -abs(row.found.change), row.slice),
    )
    return Shown(
        comparison=comparison,
        counts={kind: sum(row.kind == kind for row in rows) for kind in (BETTER, WORSE, SAME)},
        chart=_chart(rows),
        rows=rows,
        slices=changed[:_MOST],
        tested=len(tested),
        left_out=max(0, len(changed) - _MOST),
    )


def kind_of(metric: str, difference: Difference) -> str:
    """Whether a figure became better or worse, or the same: where the interval of its change holds 0."""
    if not difference.significant:
        return SAME
    return WORSE if (difference.change > 0) == (metric in LOWER_IS_BETTER) else BETTER


def _row(slice_: str, metric: str, difference: Difference) -> Row:
    return Row(in_words(slice_), metric, difference, kind_of(metric, difference))


def _chart(rows: list[Row]) -> Markup:
    figures = [
        Figure(
            TEN.get(row.metric, row.metric),
            row.found.change,
            (row.found.low, row.found.high),
            f"{row.found.change:+.4f}",
            row.kind,
        )
        for row in rows
    ]
    title = "Change of the headline figures against the system in service"
    return forest(title, "change, with its 95 % interval", figures, zero=True)
