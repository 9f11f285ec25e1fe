"""Curves over weeks as an SVG of its own, for a page of docs/results."""

from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _PANEL_WIDTH, _PANEL_HEIGHT = 980, 330, 60, 44, 250, 220
_COLOURS = ("#1b6ca8", "#6a994e", "#d1495b", "#8a4fb3")

Curves = Mapping[str, Sequence[float]]


def plot(weeks: Sequence[int], panels: Mapping[str, Curves]) -> str:
    """One panel a figure, side by side, one line a name; every panel has its own scale."""
    parts = [_panel(weeks, title, curves, number) for number, (title, curves) in enumerate(panels.items())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{"".join(parts)}</svg>\n'
    )


def _panel(weeks: Sequence[int], title: str, curves: Curves, number: int) -> str:
    left = _LEFT + number * (_PANEL_WIDTH + 70)
    values = [value for curve in curves.values() for value in curve]
    low, high = min(values), max(values)
    room = 0.06 * (high - low or 1.0)
    low, high = low - room, high + room

    def x(i: int) -> float:
        return left + _PANEL_WIDTH * i / max(len(weeks) - 1, 1)

    def y(value: float) -> float:
        return _TOP + _PANEL_HEIGHT * (high - value) / (high - low)

    parts = [f'<text x="{left}" y="24" font-weight="bold">{title}</text>\n']
    for i in range(5):
        value = low + (high - low) * i / 4
        parts.append(
            f'<line x1="{left}" y1="{y(value):.1f}" x2="{left + _PANEL_WIDTH}" y2="{y(value):.1f}" '
            'stroke="#dddddd"/>\n'
            f'<text x="{left - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3f}</text>\n'
        )
    for i in range(0, len(weeks), max(1, len(weeks) // 6)):
        parts.append(
            f'<text x="{x(i):.1f}" y="{_TOP + _PANEL_HEIGHT + 18}" text-anchor="middle">{weeks[i]}</text>\n'
        )
    parts.append(
        f'<text x="{left + _PANEL_WIDTH / 2}" y="{_TOP + _PANEL_HEIGHT + 36}" text-anchor="middle">'
        "week</text>\n"
    )
    for row, ((name, curve), colour) in enumerate(zip(curves.items(), _COLOURS, strict=False)):
        path = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(curve))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n')
        parts += [
            f'<circle cx="{x(i):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>\n'
            for i, value in enumerate(curve)
        ]
        if number == 0:
            at = left + 110 * row
            parts.append(f'<text x="{at}" y="{_HEIGHT - 8}" fill="{colour}">{name}</text>\n')
    return "".join(parts)
