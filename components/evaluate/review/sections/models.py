"""The model cards."""

from typing import NamedTuple

from components.evaluate.review.cards import Rows
from components.evaluate.review.found import Found
from components.evaluate.review.model_rows import ModelRow


class Shown(NamedTuple):
    """`versions`: of packages; `cards`: everything else, by what it is of; `left_out`: models not shown."""

    models: tuple[ModelRow, ...]
    left_out: int
    versions: list[str]
    cards: list[tuple[str, Rows]]


def section(found: Found) -> Shown | None:
    cards = [
        ("Training of the Shortlister", found.cards.training),
        ("The exported Shortlister", found.cards.model),
        ("The exported HypRank", found.cards.hyprank),
    ]
    there = [(caption, rows) for caption, rows in cards if rows]
    versions = list(dict.fromkeys(row.versions for row in found.models if row.versions))
    shown = found.models[: found.options.max_slices]
    return Shown(shown, len(found.models) - len(shown), versions, there) if found.models or there else None
