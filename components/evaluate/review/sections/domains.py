"""The figures of every domain's model."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.evaluate.review.rankers import DOMAIN_FIGURES


class Shown(NamedTuple):
    """`columns`: name and meaning of each figure; `counts`: those that are whole numbers."""

    columns: tuple[tuple[str, str], ...]
    counts: frozenset[str]
    models: tuple[tuple[str, dict[str, float]], ...]


def section(found: Found) -> Shown | None:
    models = found.rankers.models
    return Shown(tuple(DOMAIN_FIGURES.items()), frozenset({"dev_own"}), models) if models else None
