"""The review's small diagrams of a figure week by week; a week that alarms stands out."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.svg import Plot, dot, line, polyline, text

_PLOT = Plot(width=230, height=150, left=44, right=12, top=24, bottom=24)
_ROOM = 0.08


class Place(NamedTuple):
    """A figure in one week; `value` is None where it could not be computed."""

    week: str
    value: float | None
    alarm: bool = False


def weeks_chart(name: str, places: Sequence[Place], *, limit: float | None = None) -> Markup:
    """A line over the weeks; a dot a week, in the colour of failure where it alarms.

    Args:
        limit: Drawn as a line across, where there is one.
    """
    plot = _PLOT
    values = [place.value for place in places if place.value is not None]
    shown = [*values, *([] if limit is None else [limit])] or [0.0]
    low, high = min(shown), max(shown)
    if high - low < 1e-9:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)

    def y(value: float) -> float:
        return plot.y(_ROOM + (1.0 - 2.0 * _ROOM) * (value - low) / (high - low))

    points = [
        (plot.x((i + 0.5) / len(places)), y(place.value), place)
        for i, place in enumerate(places)
        if place.value is not None
    ]
    marks = plot.axes(
        "", "", [(0.5 / len(places), places[0].week), (1 - 0.5 / len(places), places[-1].week)], []
    )
    for value in (low, high):
        marks.append(line(plot.x(0), y(value), plot.x(1), y(value), "grid"))
        marks.append(text(plot.x(0) - 6, y(value) + 4, f"{value:.3g}", "tick side"))
    if limit is not None:
        marks.append(line(plot.x(0), y(limit), plot.x(1), y(limit), "diagonal"))
    marks.append(polyline([(x, at) for x, at, _ in points], "curve"))
    for x, at, place in points:
        note = f"{place.week}: {place.value:.4g}{', alarm' if place.alarm else ''}"
        marks.append(dot(x, at, 5.0 if place.alarm else 3.0, note, "wrong" if place.alarm else "dot"))
    marks.append(text(plot.x(0.5), 11, name, "name"))
    alarmed = [place.week for place in places if place.alarm]
    said = f"{name} by week" + (f"; alarm in the week of {', '.join(alarmed)}" if alarmed else "; no alarm")
    return plot.svg(said, marks)
