"""The headline numbers of all requests, with their intervals."""

from typing import NamedTuple

from components.evaluate.headlines import Headline, headlines, ten
from components.evaluate.review.found import Found

_KINDS = {"answerable": "with a known answer", "out_of_scope": "out of scope", "unlabelled": "unlabelled"}


class Shown(NamedTuple):
    """`tiles` are the most important of `rows`; `missing` says what was not measured, and why."""

    split: str
    caption: str
    tiles: tuple[Headline, ...]
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
        rows=rows,
        missing=evaluation.missing,
    )
