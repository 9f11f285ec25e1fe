"""The re-rankers' reliability and weights."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.rerankers import LEAST
from components.evaluate.review.found import Found
from components.evaluate.review.rankers import MOST_WEIGHTS, DomainRow
from components.records.reliability import Point, WeightsInWords


class Shown(NamedTuple):
    """What the section is made of.

    Attributes:
        split: What the curves were measured on.
        losses, overall, domains, left_out: As `Rankers` has them.
        bins: Loss and bin of every curve over all domains.
        rows: All domains together, then each.
        weights: Of each domain's re-ranker.
        without_lists: Domains without a re-ranker.
        not_listed: Domains that are in `reliability.json` alone.
        least_drawn: Requests of a bin below which it is not drawn.
        most_weights: Weights of a domain that are shown.
    """

    split: str
    losses: tuple[str, ...]
    overall: Markup
    domains: tuple[Markup, ...]
    left_out: int
    bins: list[tuple[str, Point]]
    rows: Sequence[DomainRow]
    weights: Sequence[tuple[str, WeightsInWords]]
    without_lists: tuple[str, ...]
    not_listed: int
    least_drawn: int = LEAST
    most_weights: int = MOST_WEIGHTS


def section(found: Found) -> Shown | None:
    rankers, limit = found.rankers, found.options.max_slices
    reliability = rankers.reliability
    if reliability is None or not rankers.rows:
        return None
    rows = rankers.rows[: limit + 1]
    return Shown(
        split=reliability.split,
        losses=rankers.losses,
        overall=rankers.overall,
        domains=rankers.domains,
        left_out=rankers.left_out,
        bins=[(c.loss, point) for c in reliability.curves if c.domain is None for point in c.points],
        rows=rows,
        weights=list(reliability.weights.items())[:limit],
        without_lists=reliability.without_lists,
        not_listed=len(rankers.rows) - len(rows),
    )
