"""Errors in intents and slots, by slice."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.evaluate.review.slice_table import SliceTable, slice_table
from components.evaluate.slices import ALL, split_name
from components.records.semantic_errors import CONVENTIONS

_COLUMNS = ("framed", "without_frame", "semer", "semer_per_request", "f_semer", "irer", "icer", "dcer")
_FEATURES = frozenset({"domain", "turn", "new_intent"})


class Shown(NamedTuple):
    """`left_out`: slices with frames that are in `metrics.json` alone."""

    split: str
    table: SliceTable
    left_out: int
    conventions: tuple[str, ...]


def section(found: Found) -> Shown | None:
    """All requests, then the slices by which errors in frames are shown, of those that have any."""
    slices = found.evaluation.slices
    chosen = (ALL, *(name for name in sorted(slices) if split_name(name).keys() & _FEATURES))
    framed = [name for name in chosen if "framed" in slices.get(name, {})]
    if not framed:
        return None
    shown = framed[: found.options.max_slices]
    table = slice_table(found.evaluation, shown, _COLUMNS)
    return Shown(found.evaluation.split, table, len(framed) - len(shown), tuple(CONVENTIONS))
