"""Skills that take requests from each other."""

from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.overlaps import overlap_map
from components.evaluate.review.found import Found
from components.evaluate.review.overlaps import Pair


class Shown(NamedTuple):
    """`map` draws the skills of `pairs`."""

    split: str
    map: Markup
    pairs: tuple[Pair, ...]


def section(found: Found) -> Shown | None:
    overlaps = found.overlaps
    return Shown(found.options.split, overlap_map(overlaps), overlaps.pairs) if overlaps.pairs else None
