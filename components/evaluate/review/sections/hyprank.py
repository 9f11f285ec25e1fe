"""What HypRank's training says."""

from typing import NamedTuple

from components.evaluate.review.found import Found


class Shown(NamedTuple):
    """`figures`: name, value and meaning."""

    figures: tuple[tuple[str, float, str], ...]


def section(found: Found) -> Shown | None:
    return Shown(found.rankers.hyprank) if found.rankers.hyprank else None
