"""Every slice, and the worst of them."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.evaluate.review.slice_table import SliceTable, slice_table
from components.evaluate.slices import ALL

_COLUMNS = (
    "answerable",
    "top1",
    "top3",
    "top5",
    "skill_top1",
    "macro_f1",
    "ece",
    "brier",
    "false_refusals",
)
_WORST = 10
_WORST_AT_LEAST = 20


class Shown(NamedTuple):
    """`largest` has all slices but `left_out` small ones; `worst` the lowest top1 of the large enough."""

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
        worst=slice_table(found.evaluation, worst[:_WORST], _COLUMNS),
        largest=slice_table(found.evaluation, largest[:limit], _COLUMNS),
        left_out=max(0, len(largest) - limit),
    )
