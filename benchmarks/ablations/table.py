"""What a measurement says, and how it looks in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.records.atomic import atomic_write

REMARKS = "## What it says"
"""From this line on a result's page is a person's; a new measurement leaves it as it is."""


@dataclass(frozen=True)
class Grid:
    """Named columns, rows of words and numbers, and a line above them that says what they are.

    >>> print(Grid("Two models.", ("model", "top-1"), [("flag", 0.5)]).markdown())
    Two models.
    <BLANKLINE>
    | model | top-1 |
    |---|---|
    | flag | 0.5000 |
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]

    def markdown(self) -> str:
        """The caption and the table. Floats have four digits."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        body = [f"| {' | '.join(map(_cell, line))} |" for line in lines]
        body[1] = body[1].replace(" ", "")
        return "\n".join([self.caption, "", *body])


@dataclass(frozen=True)
class Table:
    """A page of docs/results: a title, how it was measured, and the grids."""

    title: str
    method: str
    grids: Sequence[Grid]

    def markdown(self) -> str:
        """The page, without a person's remarks."""
        return "\n\n".join([f"# {self.title}", self.method, *(grid.markdown() for grid in self.grids)]) + "\n"

    def write(self, path: Path, command: str) -> None:
        """Replaces the page but for its remarks; `command` is what made it."""
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        at = old.find(REMARKS)
        title, _, rest = self.markdown().partition("\n\n")
        page = f"{title}\n\n    {command}\n\n{rest}"
        atomic_write(path, page + (f"\n{old[at:]}" if at >= 0 else ""))


def _cell(value: str | float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
