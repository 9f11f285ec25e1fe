"""The page: its sections in their order, each laid out by the template of its name."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from components.evaluate.review.found import Found
from components.evaluate.review.sections import (
    changes,
    confidence,
    confusions,
    cost,
    data,
    domains,
    drift,
    frames,
    hyprank,
    loop,
    meaning,
    models,
    numbers,
    overlap,
    reproduce,
    rerankers,
    slices,
    verdict,
)
from components.records.atomic import atomic_write

REVIEW_FILE = "review.html"
SECTIONS: dict[str, tuple[str, Callable[[Found], object | None]]] = {
    "verdict": ("Verdict", verdict.section),
    "numbers": ("The numbers", numbers.section),
    "changes": ("What changed", changes.section),
    "confidence": ("Ranking and confidence", confidence.section),
    "slices": ("By slice", slices.section),
    "confusions": ("Confusions", confusions.section),
    "overlap": ("Overlapping skills", overlap.section),
    "frames": ("Intents and slots", frames.section),
    "domains": ("Domain models", domains.section),
    "rerankers": ("Re-rankers", rerankers.section),
    "hyprank": ("HypRank", hyprank.section),
    "drift": ("Week by week", drift.section),
    "loop": ("Learning loop", loop.section),
    "data": ("Data card", data.section),
    "models": ("Model cards", models.section),
    "cost": ("Cost", cost.section),
    "reproduce": ("How to make this again", reproduce.section),
    "meaning": ("What the words mean", meaning.section),
}
"""By name, which is the id in the page and the template's: the heading, and what is shown (None: nothing)."""

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Section(NamedTuple):
    """One section as HTML."""

    name: str
    title: str
    body: Markup


def render(found: Found) -> str:
    """The page. All text of the data is escaped."""
    sections = [
        Section(name, title, _body(name, shown))
        for name, (title, section) in SECTIONS.items()
        if (shown := section(found)) is not None
    ]
    return _ENVIRONMENT.get_template("page.html.j2").render(
        title=found.options.title,
        head="Blessed" if found.verdict.blessed else "Not blessed",
        summary=_summary(found),
        sections=sections,
    )


def write_review(output: Path, found: Found) -> None:
    """Writes the page to the file `output`."""
    atomic_write(output, render(found))


def _summary(found: Found) -> str:
    """What the page is about, in one line."""
    models = f"{len(found.models)} model{'s' if len(found.models) != 1 else ''}, " if found.models else ""
    requests = found.evaluation.overall.get("requests", 0)
    return f"{models}measured on {requests:,.0f} requests of the {found.evaluation.split} split"


def _body(name: str, shown: object) -> Markup:
    return Markup(_ENVIRONMENT.get_template(f"sections/{name}.html.j2").render(it=shown))
