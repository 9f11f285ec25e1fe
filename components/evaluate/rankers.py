"""What the review shows of the rankers: reliability of R0 to R3, weights in words, HypRank's figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from markupsafe import Markup

from components.evaluate.svg import TICKS, Plot, dot, line, polyline, text
from components.records.reliability import SERVED, Curve, Point, Reliability, read_reliability

MOST_DOMAINS = 24
"""Small multiples that are drawn; the table has every domain."""
HYPRANK_FIGURES = {
    "rank_lists": "lists of the rank split that it learnt from",
    "rank_with_a_right_answer": "of these, lists with a right answer: the others teach confidences alone",
    "rank_pseudo_labels": "right skills of these lists that no annotator named",
    "dev_lists": "lists of the dev split that it is calibrated by",
    "dev_with_a_right_answer": "of these, lists with a right answer",
    "dev_top1": "share of dev lists, of those that hold skill_id, whose first hypothesis is skill_id",
    "dev_top1_any_correct": "share of dev lists whose first hypothesis is any right skill",
    "dev_ece_before": "ECE of the first hypothesis on dev, before calibration",
    "dev_ece": "the same after it, on the requests that it was fitted to",
    "best_epoch": "epoch whose weights were kept",
}
LEAST = 10
"""Requests of a bin that is drawn; with fewer a curve is noise. The figures are of all bins."""
_LARGE = Plot(width=600, right=160)
_SMALL = Plot(width=230, height=190, left=30, right=12, top=24, bottom=24)
_KINDS = {"R0": "r0", "R1": "r1", "R2": "r2", "R3": "r3", SERVED: "served"}


class DomainRow(NamedTuple):
    """A domain's line of the table: requests and accuracy of what is served, its ECE by loss, the floor."""

    domain: str | None
    requests: int
    accuracy: float
    ece: dict[str, float]
    floor: float


class Rankers(NamedTuple):
    """What the page's section is made of; empty where a run trained no rankers.

    Attributes:
        reliability: As the re-rankers' training left it.
        losses: What was compared, in order.
        overall: The curves over all domains.
        domains: A small diagram for each of the domains with the most answers.
        left_out: Domains without a diagram.
        rows: All domains together, then each by name.
        hyprank: Name, value and meaning of HypRank's figures.
    """

    reliability: Reliability | None = None
    losses: tuple[str, ...] = ()
    overall: Markup = Markup("")
    domains: tuple[Markup, ...] = ()
    left_out: int = 0
    rows: tuple[DomainRow, ...] = ()
    hyprank: tuple[tuple[str, float, str], ...] = ()


def read_rankers(reliability: Path | None, hyprank_run: Path | None) -> Rankers:
    """From the folders of the Reliability artifact and of HypRank's training, as far as a run has them."""
    found = Rankers() if reliability is None else of_reliability(read_reliability(reliability))
    return found if hyprank_run is None else found._replace(hyprank=_hyprank(hyprank_run))


def of_reliability(found: Reliability) -> Rankers:
    """The re-rankers' part."""
    by_domain: dict[str | None, list[Curve]] = {}
    for curve in found.curves:
        by_domain.setdefault(curve.domain, []).append(curve)
    together = by_domain.pop(None, [])
    largest = sorted(by_domain, key=lambda domain: (-by_domain[domain][-1].requests, domain or ""))
    drawn = sorted(largest[:MOST_DOMAINS], key=str)
    return Rankers(
        reliability=found,
        losses=tuple(curve.loss for curve in together),
        overall=_curves(together),
        domains=tuple(_small_curves(domain or "", by_domain[domain]) for domain in drawn),
        left_out=len(largest) - len(drawn),
        rows=tuple(
            _row(domain, each)
            for domain, each in ((None, together), *sorted(by_domain.items(), key=lambda item: str(item[0])))
            if each
        ),
    )


class _Record(msgspec.Struct):
    candidates: int | None = None
    metrics: dict[str, float] = {}


def _hyprank(folder: Path) -> tuple[tuple[str, float, str], ...]:
    record = msgspec.json.decode((folder / "training.json").read_bytes(), type=_Record)
    rows = [
        (name, record.metrics[name], said) for name, said in HYPRANK_FIGURES.items() if name in record.metrics
    ]
    if record.candidates is not None:
        rows.insert(
            0, ("candidates", record.candidates, "skills that the Shortlister proposes for each list")
        )
    return tuple(rows)


def _row(domain: str | None, curves: Sequence[Curve]) -> DomainRow:
    served = next((curve for curve in curves if curve.loss == SERVED), curves[-1])
    return DomainRow(
        domain=domain,
        requests=served.requests,
        accuracy=served.accuracy,
        ece={curve.loss: curve.ece for curve in curves},
        floor=served.floor,
    )


def _curves(curves: Sequence[Curve]) -> Markup:
    """One line a loss; the dots and their counts are those of what is served."""
    plot = _LARGE
    marks = [plot.diagonal(), *_lines(plot, curves), *_dots(plot, curves, most_radius=8.0)]
    for number, curve in enumerate(curves):
        x, y = plot.x(1) + 14, plot.y(1) + 8 + 16 * number
        marks.append(line(x, y, x + 24, y, f"curve {_kind(curve)}"))
        marks.append(text(x + 30, y + 4, f"{curve.loss}: ECE {curve.ece:.3f}", "key"))
    ticks = [(tick, f"{tick:g}") for tick in TICKS]
    axes = plot.axes("re-ranker's probability", "share that is right", ticks, TICKS)
    return plot.svg("Reliability of the re-rankers over all domains, one line for each loss", [*axes, *marks])


def _small_curves(domain: str, curves: Sequence[Curve]) -> Markup:
    plot = _SMALL
    ticks = (0.0, 0.5, 1.0)
    axes = plot.axes("", "", [(tick, f"{tick:g}") for tick in ticks], ticks)
    marks = [plot.diagonal(), *_lines(plot, curves), *_dots(plot, curves, most_radius=5.0)]
    name = domain if len(domain) <= 26 else domain[:25] + "…"
    marks.append(text(plot.x(0.5), 11, name, "name"))
    return plot.svg(f"Reliability of the re-rankers of {domain}, one line for each loss", [*axes, *marks])


def _lines(plot: Plot, curves: Sequence[Curve]) -> list[Markup]:
    return [
        polyline(
            [(plot.x(point.confidence), plot.y(point.accuracy)) for point in _drawn(curve)],
            f"curve {_kind(curve)}",
        )
        for curve in curves
    ]


def _dots(plot: Plot, curves: Sequence[Curve], *, most_radius: float) -> list[Markup]:
    """For each bin of what is served a dot whose area grows with its requests, and their number."""
    marks = []
    for curve in curves:
        if curve.loss != SERVED:
            continue
        most = max((point.requests for point in curve.points), default=1)
        for point in _drawn(curve):
            x, y = plot.x(point.confidence), plot.y(point.accuracy)
            radius = 1.5 + (most_radius - 1.5) * (point.requests / most) ** 0.5
            note = (
                f"said {point.confidence:.3f}, right {point.accuracy:.3f} "
                f"({point.low:.3f} to {point.high:.3f}), {point.requests} requests"
            )
            marks += [dot(x, y, radius, note), text(x, y - radius - 3, point.requests, "count")]
    return marks


def _drawn(curve: Curve) -> list[Point]:
    return [point for point in curve.points if point.requests >= LEAST]


def _kind(curve: Curve) -> str:
    return _KINDS.get(curve.loss, "served")
