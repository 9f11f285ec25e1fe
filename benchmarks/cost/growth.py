"""How the figures grow with the number of skills, as a plot."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Rows = Sequence[Mapping[str, Any]]

_WIDTH, _HEIGHT, _LEFT, _TOP, _PANEL = 960, 320, 60, 40, 220


class Panel(NamedTuple):
    """A plot: its title, and the figures in it with their names."""

    title: str
    lines: Mapping[str, str]


_PANELS = (
    Panel(
        "ms of processor time a request",
        {"cpu_p50_ms": "p50", "cpu_p99_ms": "p99", "savedmodel_cpu_p99_ms": "SavedModel p99"},
    ),
    Panel(
        "MB on disk",
        {"tflite_bytes": "model.tflite", "encoder_bytes": "encoder/", "savedmodel_bytes": "SavedModel"},
    ),
    Panel("MB resident", {"idle_rss_mb": "idle", "rss_mb": "after the requests"}),
)
_COLOURS = ("#1b6ca8", "#d1495b", "#6a994e")


def plot(rows: Rows) -> str:
    """An SVG with one panel for each kind of figure, both axes logarithmic."""
    parts = [_panel(rows, panel, number) for number, panel in enumerate(_PANELS)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{"".join(parts)}</svg>\n'
    )


def _panel(rows: Rows, panel: Panel, number: int) -> str:
    left = _LEFT + number * (_PANEL + 90)
    values = [figure(row, name) for row in rows for name in panel.lines]
    x_range = _decades([row["skills"] for row in rows])
    y_range = _decades(values)
    parts = [f'<text x="{left}" y="22" font-weight="bold">{panel.title}</text>\n']
    for power in range(x_range[0], x_range[1] + 1):
        x = left + _place(10.0**power, x_range)
        parts.append(_rule(x, _TOP, x, _TOP + _PANEL) + _label(x - 8, _TOP + _PANEL + 18, f"{10**power:,}"))
    for power in range(y_range[0], y_range[1] + 1):
        y = _TOP + _PANEL - _place(10.0**power, y_range)
        parts.append(_rule(left, y, left + _PANEL, y) + _label(left - 38, y + 4, f"{10.0**power:g}"))
    for (name, title), colour in zip(panel.lines.items(), _COLOURS, strict=False):
        points = [
            (
                left + _place(row["skills"], x_range),
                _TOP + _PANEL - _place(figure(row, name), y_range),
            )
            for row in rows
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>\n' for x, y in points]
        row = list(panel.lines).index(name)
        parts.append(_label(left + 8, _TOP + 14 + 15 * row, title, colour))
    parts.append(_label(left + _PANEL / 2 - 18, _TOP + _PANEL + 38, "skills"))
    return "".join(parts)


def figure(row: Mapping[str, Any], name: str) -> float:
    """The figure; bytes in MB."""
    return float(row[name]) / (1e6 if name.endswith("_bytes") else 1.0)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _place(value: float, decades: tuple[int, int]) -> float:
    return _PANEL * (math.log10(value) - decades[0]) / (decades[1] - decades[0])


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>\n'


def _label(x: float, y: float, text: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{text}</text>\n'
