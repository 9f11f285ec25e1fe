"""The review's reliability diagrams of the re-rankers: one line for each loss."""

from collections.abc import Sequence

from markupsafe import Markup

from components.evaluate.review.charts.svg import TICKS, Plot, brief, dot, line, plain, polyline, text
from components.records.reliability import SERVED, Curve, Point

LEAST = 10
"""Requests of a bin that is drawn; with fewer a curve is noise. The figures are of all bins."""
_LARGE = Plot(width=600, right=160)
_SMALL = Plot(width=230, height=190, left=30, right=12, top=24, bottom=24)
_KINDS = {"R0": "r0", "R1": "r1", "R2": "r2", "R3": "r3", SERVED: "served"}


def curves_of_all(curves: Sequence[Curve]) -> Markup:
    """One line a loss; the dots and their counts are those of what is served."""
    plot = _LARGE
    marks = [plot.diagonal(), *_lines(plot, curves), *_dots(plot, curves, most_radius=8.0)]
    for number, curve in enumerate(curves):
        x, y = plot.x(1) + 14, plot.y(1) + 8 + 16 * number
        marks.append(line(x, y, x + 24, y, f"curve {_kind(curve)}"))
        marks.append(text(x + 30, y + 4, f"{curve.loss}: ECE {curve.ece:.3f}", "key"))
    axes = plot.axes("re-ranker's probability", "share that is right", plain(TICKS), plain(TICKS))
    return plot.svg("Reliability of the re-rankers over all domains, one line for each loss", [*axes, *marks])


def curves_of(domain: str, curves: Sequence[Curve]) -> Markup:
    """A small diagram, of one domain."""
    plot = _SMALL
    ticks = plain((0.0, 0.5, 1.0))
    axes = plot.axes("", "", ticks, ticks)
    marks = [plot.diagonal(), *_lines(plot, curves), *_dots(plot, curves, most_radius=5.0)]
    marks.append(text(plot.x(0.5), 11, brief(domain), "name"))
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
