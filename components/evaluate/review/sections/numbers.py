"""The headline numbers of all requests, with their intervals."""

from typing import NamedTuple

from components.evaluate.headlines import Headline, change_in_words, headlines, ten
from components.evaluate.review.found import Found
from components.evaluate.review.sections.changes import kind_of
from components.evaluate.slices import ALL

_KINDS = {"answerable": "with a known answer", "out_of_scope": "out of scope", "unlabelled": "unlabelled"}


class Shown(NamedTuple):
    """The section's tables.

    Attributes:
        tiles: The most important of `rows`.
        changes: Of these, how each changed against the system in service (see `changes.kind_of`) and the
            change in words, by metric; empty where nothing was in service.
        missing: What was not measured, and why.
    """

    split: str
    caption: str
    tiles: tuple[Headline, ...]
    changes: dict[str, tuple[str, str]]
    rows: tuple[Headline, ...]
    missing: tuple[str, ...]


def section(found: Found) -> Shown:
    evaluation = found.evaluation
    counted = evaluation.overall
    kinds = ", ".join(f"{counted.get(name, 0):,.0f} {words}" for name, words in _KINDS.items())
    rows = headlines(evaluation)
    return Shown(
        split=evaluation.split,
        caption=f"All {counted.get('requests', 0):,.0f} requests of {evaluation.split}: {kinds}",
        tiles=ten(rows),
        changes={
            name: (kind_of(name, found), change_in_words(name, found.change))
            for name, found in evaluation.differences.get(ALL, {}).items()
        },
        rows=rows,
        missing=evaluation.missing,
    )
