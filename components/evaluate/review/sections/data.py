"""The data card."""

from typing import NamedTuple

from components.evaluate.review.cards import Rows
from components.evaluate.review.found import Found


class Shown(NamedTuple):
    rows: Rows


def section(found: Found) -> Shown:
    return Shown(found.cards.data)
