"""Skills that are mistaken for another."""

from collections.abc import Sequence
from typing import NamedTuple

from components.evaluate.review.confusions import Confusion
from components.evaluate.review.found import Found


class Shown(NamedTuple):
    """`examples`: whether utterances may be shown."""

    split: str
    examples: bool
    rows: Sequence[Confusion]


def section(found: Found) -> Shown:
    return Shown(found.options.split, found.options.max_examples > 0, found.confused)
