"""The review's diagrams of the system's answers."""

from collections.abc import Sequence

from markupsafe import Markup

from components.evaluate.evaluation import Bin
from components.evaluate.review.charts.svg import TICKS, Plot, dot, polyline, text

_PLOT = Plot()


def reliability_diagram(bins: Sequence[Bin]) -> Markup:
    """Accuracy over confidence by bin; the diagonal is perfect trust; a dot's area grows with its count."""
    most = max((held.count for held in bins), default=1)
    marks = [_PLOT.diagonal()]
    points = [(_PLOT.x(held.confidence), _PLOT.y(held.accuracy)) for held in bins]
    marks.append(polyline(points, "curve"))
    for held, (x, y) in zip(bins, points, strict=True):
        radius = 2.0 + 7.0 * (held.count / most) ** 0.5
        note = f"confidence {held.confidence:.3f}, accuracy {held.accuracy:.3f}, {held.count} requests"
        marks.append(dot(x, y, radius, note))
        marks.append(text(x, y - radius - 3, held.count, "count"))
    axes = _PLOT.axes("confidence", "share that is right", [(tick, f"{tick:g}") for tick in TICKS], TICKS)
    return _PLOT.svg(
        "Reliability diagram: share of right answers over confidence, with the requests of each bin",
        [*axes, *marks],
    )


def recall_curve(recall: Sequence[float]) -> Markup:
    """Share with a right skill among the first k, over k."""
    size = len(recall)
    places = [(i + 0.5) / max(size, 1) for i in range(size)]
    points = [(_PLOT.x(place), _PLOT.y(value)) for place, value in zip(places, recall, strict=True)]
    marks = [polyline(points, "curve")]
    for k, ((x, y), value) in enumerate(zip(points, recall, strict=True), start=1):
        marks.append(dot(x, y, 3.5, f"k = {k}: {value:.4f}"))
    step = max(1, size // 10)
    labels = [(places[i], str(i + 1)) for i in range(0, size, step)]
    axes = _PLOT.axes("k", "right skill among the first k", labels, TICKS)
    return _PLOT.svg("Recall at k: share of requests with a right skill among the first k", [*axes, *marks])


def confidence_histogram(right: Sequence[int], wrong: Sequence[int]) -> Markup:
    """Requests by confidence, right and wrong side by side in each of equal bins of [0, 1]."""
    most = max([*right, *wrong, 1])
    width = (_PLOT.x(1) - _PLOT.x(0)) / max(len(right), 1)
    marks: list[Markup] = []
    for i, pair in enumerate(zip(right, wrong, strict=True)):
        low, high = i / len(right), (i + 1) / len(right)
        for j, (count, kind) in enumerate(zip(pair, ("right", "wrong"), strict=True)):
            top = _PLOT.y(count / most)
            marks.append(
                Markup(
                    '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}">'
                    "<title>{}</title></rect>"
                ).format(
                    _PLOT.x(0) + width * (i + 0.05 + 0.45 * j),
                    top,
                    0.45 * width,
                    _PLOT.y(0) - top,
                    kind,
                    f"confidence {low:.2f} to {high:.2f}: {count} {kind}",
                )
            )
    ticks = [(tick, f"{tick:g}") for tick in TICKS]
    axes = _PLOT.axes("confidence", f"requests (full height {most})", ticks, [0.0, 0.5, 1.0])
    return _PLOT.svg("Requests by confidence, right and wrong", [*axes, *marks])
