"""The review's map of skills that take requests from each other."""

from markupsafe import Markup

from components.evaluate.review.charts.svg import brief, rect, svg, text
from components.evaluate.review.overlaps import Overlaps

_CELL = 26
_LEFT, _TOP, _EDGE = 190, 150, 8


def overlap_map(found: Overlaps) -> Markup:
    """Rows: the right skill; columns: the skill that answered; a cell is the fuller the larger its share."""
    size = len(found.skills)
    marks: list[Markup] = []
    for i, (truth, row, requests) in enumerate(zip(found.skills, found.matrix, found.requests, strict=True)):
        y = _TOP + _CELL * i
        marks.append(text(_LEFT - 6, y + _CELL / 2 + 4, brief(truth), "tick side"))
        x = _LEFT + _CELL * (i + 0.5) + 4
        marks.append(
            Markup(
                '<text x="{0:.1f}" y="{1}" transform="rotate(-60 {0:.1f} {1})" class="key">{2}</text>'
            ).format(x, _TOP - 6, brief(truth))
        )
        for j, (answered, count) in enumerate(zip(found.skills, row, strict=True)):
            share = count / requests if requests else 0.0
            kind = "kept" if i == j else "taken" if count else "empty"
            opacity = 1.0 if not count else 0.18 if i == j else 0.12 + 0.4 * share**0.5
            note = f"{count} of {requests} requests of {truth} were answered with {answered} ({share:.0%})"
            place = _LEFT + _CELL * j
            marks.append(rect(place + 0.5, y + 0.5, _CELL - 1, _CELL - 1, kind, note, opacity))
            if count:
                marks.append(text(place + _CELL / 2, y + _CELL / 2 + 4, count, "cell"))
    return svg(
        _LEFT + _CELL * size + max(_EDGE, 70),  # the last column's name leans over its edge
        _TOP + _CELL * size + _EDGE,
        "Map of skills that take requests from each other: rows are right skills, columns the answers",
        marks,
        "; ".join(f"{pair.first} loses {pair.lost} to {pair.second}" for pair in found.pairs[:10]),
    )
