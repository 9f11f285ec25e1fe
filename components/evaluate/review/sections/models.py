"""The model cards."""

from typing import NamedTuple

from components.evaluate.review.cards import Rows
from components.evaluate.review.found import Found


class Shown(NamedTuple):
    """`cards`: what each is of, and its rows."""

    cards: list[tuple[str, Rows]]


def section(found: Found) -> Shown | None:
    cards = [
        ("Training of the Shortlister", found.cards.training),
        ("The exported Shortlister", found.cards.model),
        ("The exported HypRank", found.cards.hyprank),
    ]
    there = [(caption, rows) for caption, rows in cards if rows]
    return Shown(there) if there else None
