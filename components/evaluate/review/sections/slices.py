"""Every slice, and the worst of them."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.evaluation import Evaluation
from components.evaluate.review.charts.forest import Figure, forest
from components.evaluate.review.found import Found
from components.evaluate.review.slice_table import SliceTable, in_words, slice_table
from components.evaluate.slices import ALL, OF_THE_ANSWER, split_name

_COLUMNS = (
    "answerable",
    "top1",
    "top5",
    "skill_top1",
    "macro_f1",
    "ece",
    "brier",
    "false_refusals",
)
_WORST = 10
_DRAWN = 24
_WORST_AT_LEAST = 20


class Shown(NamedTuple):
    """`largest` has all slices but `left_out` small ones; `worst` the lowest top1 of the large enough.

    `chart` draws the macro F1 of the largest, empty where there is none.
    """

    chart: Markup
    worst: SliceTable
    largest: SliceTable
    left_out: int
    worst_at_least: int = _WORST_AT_LEAST


def section(found: Found) -> Shown:
    slices = found.evaluation.slices
    largest = sorted(slices.keys() - {ALL}, key=lambda name: (-slices[name].get("requests", 0), name))
    worst = sorted(
        (name for name in largest if slices[name].get("answerable", 0) >= _WORST_AT_LEAST),
        key=lambda name: (slices[name]["top1"], name),
    )
    limit = found.options.max_slices
    return Shown(
        chart=_chart(found.evaluation, largest),
        worst=slice_table(found.evaluation, worst[:_WORST], _COLUMNS),
        largest=slice_table(found.evaluation, largest[:limit], _COLUMNS),
        left_out=max(0, len(largest) - limit),
    )


def _chart(evaluation: Evaluation, largest: Sequence[str]) -> Markup:
    """The macro F1 of all requests and of the largest slices, the lowest first."""
    named = [
        name
        for name in largest
        if evaluation.slices[name].get("answerable", 0) >= _WORST_AT_LEAST
        and not split_name(name).keys() & OF_THE_ANSWER
    ]
    drawn = sorted(named[:_DRAWN], key=lambda name: evaluation.slices[name]["macro_f1"])
    if not drawn:
        return Markup("")
    figures = [_figure(evaluation, name) for name in (ALL, *drawn)]
    return forest("Macro F1 by slice", "macro F1, with its 95 % interval", figures)


def _figure(evaluation: Evaluation, name: str) -> Figure:
    metrics = evaluation.slices[name]
    value = metrics["macro_f1"]
    return Figure(
        in_words(name),
        value,
        evaluation.intervals.get(name, {}).get("macro_f1"),
        f"{value:.3f} of {metrics['answerable']:,.0f}",
        "same" if name == ALL else "dot",
    )
