"""The re-rankers' reliability and weights."""

from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.rerankers import LEAST
from components.evaluate.review.found import Found
from components.evaluate.review.rankers import MOST_WEIGHTS, DomainRow
from components.records.reliability import Reliability


class Shown(NamedTuple):
    """As `Rankers` has them; `least_drawn`: requests of a bin below which it is not drawn."""

    reliability: Reliability
    losses: tuple[str, ...]
    overall: Markup
    domains: tuple[Markup, ...]
    left_out: int
    rows: tuple[DomainRow, ...]
    least_drawn: int = LEAST
    most_weights: int = MOST_WEIGHTS


def section(found: Found) -> Shown | None:
    rankers = found.rankers
    if rankers.reliability is None or not rankers.rows:
        return None
    return Shown(
        rankers.reliability, rankers.losses, rankers.overall, rankers.domains, rankers.left_out, rankers.rows
    )
