"""The review's diagrams as inline SVG, coloured by the page's CSS, so that dark mode and print work."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from components.evaluate.evaluation import Bin

WIDTH, HEIGHT = 460, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 28, 44  # room for the count above a dot in the corner


def reliability_diagram(bins: Sequence[Bin]) -> Markup:
    """Accuracy over confidence by bin; the diagonal is perfect trust; a dot's area grows with its count."""
    most = max((held.count for held in bins), default=1)
    marks = [_line(_x(0), _y(0), _x(1), _y(1), "diagonal")]
    points = [(_x(held.confidence), _y(held.accuracy)) for held in bins]
    marks.append(_polyline(points, "curve"))
    for held, (x, y) in zip(bins, points, strict=True):
        radius = 2.0 + 7.0 * (held.count / most) ** 0.5
        note = f"confidence {held.confidence:.3f}, accuracy {held.accuracy:.3f}, {held.count} requests"
        marks.append(
            Markup(
                '<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="dot"><title>{}</title></circle>'
            ).format(x, y, radius, note)
        )
        marks.append(
            Markup('<text x="{:.1f}" y="{:.1f}" class="count">{}</text>').format(
                x, y - radius - 3, held.count
            )
        )
    ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    axes = _axes("confidence", "share that is right", [(tick, f"{tick:g}") for tick in ticks], ticks)
    return _svg(
        "Reliability diagram: share of right answers over confidence, with the requests of each bin",
        [*axes, *marks],
    )


def recall_curve(recall: Sequence[float]) -> Markup:
    """Share with a right skill among the first k, over k."""
    size = len(recall)
    places = [(i + 0.5) / max(size, 1) for i in range(size)]
    points = [(_x(place), _y(value)) for place, value in zip(places, recall, strict=True)]
    marks = [_polyline(points, "curve")]
    for k, ((x, y), value) in enumerate(zip(points, recall, strict=True), start=1):
        marks.append(
            Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.5" class="dot"><title>{}</title></circle>').format(
                x, y, f"k = {k}: {value:.4f}"
            )
        )
    step = max(1, size // 10)
    labels = [(places[i], str(i + 1)) for i in range(0, size, step)]
    axes = _axes("k", "right skill among the first k", labels, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    return _svg("Recall at k: share of requests with a right skill among the first k", [*axes, *marks])


def confidence_histogram(right: Sequence[int], wrong: Sequence[int]) -> Markup:
    """Requests by confidence, right and wrong side by side in each of equal bins of [0, 1]."""
    most = max([*right, *wrong, 1])
    width = (WIDTH - _LEFT - _RIGHT) / max(len(right), 1)
    marks: list[Markup] = []
    for i, pair in enumerate(zip(right, wrong, strict=True)):
        low, high = i / len(right), (i + 1) / len(right)
        for j, (count, kind) in enumerate(zip(pair, ("right", "wrong"), strict=True)):
            top = _y(count / most)
            marks.append(
                Markup(
                    '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}">'
                    "<title>{}</title></rect>"
                ).format(
                    _LEFT + width * (i + 0.05 + 0.45 * j),
                    top,
                    0.45 * width,
                    _y(0) - top,
                    kind,
                    f"confidence {low:.2f} to {high:.2f}: {count} {kind}",
                )
            )
    ticks = [(tick, f"{tick:g}") for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    axes = _axes("confidence", f"requests (full height {most})", ticks, [0.0, 0.5, 1.0])
    return _svg("Requests by confidence, right and wrong", [*axes, *marks])


def _axes(
    x_title: str, y_title: str, x_ticks: Iterable[tuple[float, str]], y_ticks: Iterable[float]
) -> list[Markup]:
    parts = [_line(_x(0), _y(0), _x(1), _y(0), "axis"), _line(_x(0), _y(0), _x(0), _y(1), "axis")]
    for place, label in x_ticks:
        parts.append(
            Markup('<text x="{:.1f}" y="{:.1f}" class="tick">{}</text>').format(_x(place), _y(0) + 16, label)
        )
    for place in y_ticks:
        parts.append(_line(_x(0), _y(place), _x(1), _y(place), "grid"))
        parts.append(
            Markup('<text x="{:.1f}" y="{:.1f}" class="tick side">{}</text>').format(
                _x(0) - 6, _y(place) + 4, f"{place:g}"
            )
        )
    parts.append(
        Markup('<text x="{:.1f}" y="{:.1f}" class="name">{}</text>').format(_x(0.5), HEIGHT - 8, x_title)
    )
    middle = _y(0.5)
    parts.append(
        Markup('<text x="14" y="{0:.1f}" transform="rotate(-90 14 {0:.1f})" class="name">{1}</text>').format(
            middle, y_title
        )
    )
    return parts


def _svg(title: str, parts: Iterable[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, escape(title), Markup("").join(parts)
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(
        x1, y1, x2, y2, kind
    )


def _polyline(points: Iterable[tuple[float, float]], kind: str) -> Markup:
    return Markup('<polyline points="{}" class="{}"/>').format(
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points), kind
    )


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)
