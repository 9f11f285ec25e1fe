"""The review's diagrams of the system's answers."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from components.evaluate.evaluation import Bin
from components.evaluate.review.charts.svg import TICKS, Plot, dot, line, plain, polyline, rect, text
from components.records.calibration import wilson

LEAST = 10
"""Requests of a bin from which on it is joined to its neighbours; with fewer its place is mostly chance."""
_PLOT = Plot(width=370, height=285, left=62, right=16)


def reliability_diagram(bins: Sequence[Bin]) -> Markup:
    """Accuracy over confidence by bin; the diagonal is perfect trust; a dot's area grows with its count.

    A bar through a dot is Wilson's 95 % interval. Bins of fewer than `LEAST` requests are hollow and not
    joined.
    """
    most = max((held.count for held in bins), default=1)
    places = [(_PLOT.x(held.confidence), _PLOT.y(held.accuracy)) for held in bins]
    joined = [place for held, place in zip(bins, places, strict=True) if held.count >= LEAST]
    marks = [_PLOT.diagonal(), polyline(joined, "curve")]
    for held, (x, y) in zip(bins, places, strict=True):
        low, high = wilson(held.accuracy, held.count)
        radius = 2.5 + 6.5 * (held.count / most) ** 0.5
        note = (
            f"confidence {held.confidence:.3f}, right {held.accuracy:.3f} ({low:.3f} to {high:.3f}), "
            f"{held.count} requests"
        )
        marks.append(line(x, _PLOT.y(low), x, _PLOT.y(high), "whisker"))
        marks.append(dot(x, y, radius, note, "dot" if held.count >= LEAST else "dot hollow"))
        above = held.accuracy < 0.9 or held.accuracy >= held.confidence
        marks.append(text(x, y - radius - 3 if above else y + radius + 10, held.count, "count"))
    axes = _PLOT.axes("confidence", "share that is right", plain(TICKS), plain(TICKS))
    return _PLOT.svg(
        "Reliability diagram: share of right answers over confidence, with the requests of each bin",
        [*axes, *marks],
        "; ".join(f"{held.confidence:.2f}: {held.accuracy:.2f} of {held.count}" for held in bins),
    )


def recall_curve(recall: Sequence[float]) -> Markup:
    """Share with a right skill among the first k, over k. The axis begins at the tenth below the least."""
    size = len(recall)
    least = min(math.floor(10 * min(recall, default=0.0)) / 10, 0.9)
    step = 0.2 if least < 0.4 else 0.1 if least < 0.8 else 0.05 if least < 0.9 else 0.02
    levels = [least + step * i for i in range(round((1.0 - least) / step) + 1)]

    def height(value: float) -> float:
        return (value - least) / (1.0 - least)

    places = [(i + 0.5) / max(size, 1) for i in range(size)]
    points = [(_PLOT.x(place), _PLOT.y(height(value))) for place, value in zip(places, recall, strict=True)]
    marks = [polyline(points, "curve")]
    every = max(1, size // 10)
    for k, ((x, y), value) in enumerate(zip(points, recall, strict=True), start=1):
        marks.append(dot(x, y, 4.0, f"k = {k}: {value:.4f}"))
        if size <= 10:
            marks.append(text(x, y - 9, f"{value:.3f}", "count"))
    labels = [(places[i], str(i + 1)) for i in range(0, size, every)]
    title = "right skill among the first k"
    axes = _PLOT.axes("k", title, labels, [(height(level), f"{level:.2f}") for level in levels])
    return _PLOT.svg(
        "Recall at k: share of requests with a right skill among the first k",
        [*axes, *marks],
        "; ".join(f"{k}: {value:.3f}" for k, value in enumerate(recall, start=1)),
    )


def confidence_histogram(right: Sequence[int], wrong: Sequence[int]) -> Markup:
    """Requests by confidence, right and wrong side by side in equal bins of [0, 1].

    A bar's height grows with the logarithm of its requests, so that a few wrong ones are seen beside many
    right ones.
    """
    most = max([*right, *wrong, 1])
    decades = max(1, math.ceil(math.log10(most)))

    def height(count: int) -> float:
        return (math.log10(count) + 0.3) / (decades + 0.3) if count else 0.0  # one request is seen too

    width = (_PLOT.x(1) - _PLOT.x(0)) / max(len(right), 1)
    marks: list[Markup] = []
    for i, pair in enumerate(zip(right, wrong, strict=True)):
        low, high = i / len(right), (i + 1) / len(right)
        for j, (count, kind) in enumerate(zip(pair, ("right", "wrong"), strict=True)):
            if count:
                top = _PLOT.y(height(count))
                x = _PLOT.x(0) + width * (i + 0.06 + 0.44 * j)
                note = f"confidence {low:.2f} to {high:.2f}: {count} {kind}"
                marks.append(rect(x, top, 0.42 * width, _PLOT.y(0) - top, kind, note))
    levels = [(height(10**n), f"{10**n:,}") for n in range(decades + 1)]
    axes = _PLOT.axes("confidence", "requests (logarithmic)", plain(TICKS), levels)
    return _PLOT.svg(
        "Requests by confidence, right and wrong",
        [*axes, *marks],
        f"{sum(right)} right and {sum(wrong)} wrong in {len(right)} equal bins of confidence",
    )
