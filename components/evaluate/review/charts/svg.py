"""The pieces of a diagram as inline SVG, coloured by the page's CSS, so that dark mode and print work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Plot:
    """The area of a diagram whose axes run from 0 to 1, with room for what stands around it; in pixels."""

    width: int = 460
    height: int = 300
    left: int = 52
    right: int = 20
    top: int = 28  # room for the count above a dot in the corner
    bottom: int = 44

    def x(self, share: float) -> float:
        return self.left + share * (self.width - self.left - self.right)

    def y(self, share: float) -> float:
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def axes(
        self,
        x_title: str,
        y_title: str,
        x_ticks: Iterable[tuple[float, str]],
        y_ticks: Sequence[tuple[float, str]],
    ) -> list[Markup]:
        """Both axes with their ticks (place and label) and, where they are not empty, their titles."""
        x0, x1, y0, y1 = self.x(0), self.x(1), self.y(0), self.y(1)
        parts = [line(x0, self.y(place), x1, self.y(place), "grid") for place, _ in y_ticks]
        parts += [line(x0, y0, x1, y0, "axis"), line(x0, y0, x0, y1, "axis")]
        parts += [text(self.x(place), y0 + 16, label, "tick") for place, label in x_ticks]
        parts += [text(x0 - 6, self.y(place) + 4, label, "tick side") for place, label in y_ticks]
        if x_title:
            parts.append(text(self.x(0.5), self.height - 8, x_title, "name"))
        if y_title:
            parts.append(
                Markup(
                    '<text x="14" y="{0:.1f}" transform="rotate(-90 14 {0:.1f})" class="name">{1}</text>'
                ).format(self.y(0.5), y_title)
            )
        return parts

    def diagonal(self) -> Markup:
        """Where the share is what was said."""
        return line(self.x(0), self.y(0), self.x(1), self.y(1), "diagonal")

    def svg(self, title: str, parts: Iterable[Markup], description: str = "") -> Markup:
        """The whole diagram; `title` names it for a screen reader and `description` says what it shows."""
        return svg(self.width, self.height, title, parts, description)


def brief(name: str, longest: int = 26) -> str:
    """`name`, cut where it is too long for its place.

    >>> brief("restaurants", 6)
    'resta…'
    """
    return name if len(name) <= longest else name[: longest - 1] + "…"


def plain(ticks: Iterable[float]) -> list[tuple[float, str]]:
    """Ticks whose labels are their places.

    >>> plain([0.0, 0.5])
    [(0.0, '0'), (0.5, '0.5')]
    """
    return [(tick, f"{tick:g}") for tick in ticks]


def svg(width: float, height: float, title: str, parts: Iterable[Markup], description: str = "") -> Markup:
    """A diagram of `width` × `height` pixels, which grows with the page."""
    said = Markup("<desc>{}</desc>").format(description) if description else Markup("")
    return Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}{}</svg>').format(
        width, height, title, said, Markup("").join(parts)
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(
        x1, y1, x2, y2, kind
    )


def polyline(points: Iterable[tuple[float, float]], kind: str) -> Markup:
    return Markup('<polyline points="{}" class="{}"/>').format(
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points), kind
    )


def dot(x: float, y: float, radius: float, note: str, kind: str = "dot") -> Markup:
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}"><title>{}</title></circle>').format(
        x, y, radius, kind, note
    )


def rect(
    x: float, y: float, width: float, height: float, kind: str, note: str = "", opacity: float = 1.0
) -> Markup:
    faint = Markup(' fill-opacity="{:.2f}"').format(opacity) if opacity < 1.0 else Markup("")
    return Markup(
        '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"{}><title>{}</title></rect>'
    ).format(x, y, width, height, kind, faint, note)


def text(x: float, y: float, words: object, kind: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>').format(x, y, kind, words)
