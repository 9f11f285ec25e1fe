"""The review's diagrams of figures under each other, each with its interval."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.svg import brief, dot, line, svg, text

_WIDTH, _LEFT, _RIGHT = 680, 190, 118
_ROW, _TOP, _BOTTOM = 24, 12, 40
_TICKS = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Figure(NamedTuple):
    """One line.

    Attributes:
        label: Left of it.
        value: Where its dot is.
        interval: Where its line begins and ends; None: it has none.
        shown: Right of it.
        kind: CSS class of its dot and line: dot, better, worse or same.
    """

    label: str
    value: float
    interval: tuple[float, float] | None
    shown: str
    kind: str = "dot"


def forest(title: str, axis: str, figures: Sequence[Figure], *, zero: bool = False) -> Markup:
    """Dots with their intervals over one axis, which begins where the figures do.

    Args:
        title: What a screen reader calls it.
        axis: What the axis says.
        figures: From top to bottom.
        zero: Whether 0 is on the axis, with a line.
    """
    ends = [end for each in figures for end in (each.value, *(each.interval or ()))]
    ticks = _ticks(min([*ends, 0.0] if zero else ends), max([*ends, 0.0] if zero else ends))
    low, high = ticks[0], ticks[-1]
    bottom = _TOP + _ROW * len(figures)

    def x(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    marks = []
    for tick in ticks:
        marks.append(line(x(tick), _TOP, x(tick), bottom, "grid"))
        marks.append(text(x(tick), bottom + 16, f"{tick:g}", "tick"))
    if zero:
        marks.append(line(x(0.0), _TOP, x(0.0), bottom, "axis"))
    marks.append(text(x((low + high) / 2), bottom + 34, axis, "name"))
    for i, each in enumerate(figures):
        y = _TOP + _ROW * (i + 0.5)
        marks.append(text(_LEFT - 12, y + 4, brief(each.label), "side"))
        if each.interval is not None:
            kind = "whisker" if each.kind == "dot" else f"whisker {each.kind}"
            marks.append(line(x(each.interval[0]), y, x(each.interval[1]), y, kind))
        marks.append(dot(x(each.value), y, 5.0, f"{each.label}: {each.shown}", each.kind))
        marks.append(text(_WIDTH - _RIGHT + 12, y + 4, each.shown, "key"))
    said = "; ".join(f"{each.label}: {each.shown}" for each in figures)
    return svg(_WIDTH, bottom + _BOTTOM, title, marks, said)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers a round step apart, from below `low` to above `high`."""
    spread = max(high - low, 1e-6)
    scale = 10.0 ** math.floor(math.log10(spread / _TICKS))
    step = next(scale * step for step in _STEPS if scale * step >= spread / _TICKS * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * i, 12) for i in range(first, max(last, first + 1) + 1)]
