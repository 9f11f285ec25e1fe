"""The figures of every domain's model."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.evaluate.review.rankers import DOMAIN_FIGURES


class Shown(NamedTuple):
    """`columns`: name and meaning of each figure; `counts`: whole numbers; `left_out`: domains not shown."""

    columns: tuple[tuple[str, str], ...]
    counts: frozenset[str]
    models: tuple[tuple[str, dict[str, float]], ...]
    left_out: int


def section(found: Found) -> Shown | None:
    models = found.rankers.models
    if not models:
        return None
    shown = models[: found.options.max_slices]
    return Shown(tuple(DOMAIN_FIGURES.items()), frozenset({"dev_own"}), shown, len(models) - len(shown))
