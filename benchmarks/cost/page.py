"""The page that says what a request costs: figures by the number of skills, targets, the plot."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.ablations.table import Grid, Table
from benchmarks.cost.growth import figure, plot
from components.records.atomic import atomic_write

Row = Mapping[str, Any]

_COLUMNS = {
    "skills": "skills",
    "model.tflite MB": "tflite_bytes",
    "encoder/ MB": "encoder_bytes",
    "SavedModel MB": "savedmodel_bytes",
    "p50 ms": "p50_ms",
    "p99 ms": "p99_ms",
    "CPU p50 ms": "cpu_p50_ms",
    "CPU p99 ms": "cpu_p99_ms",
    "SavedModel p99 ms": "savedmodel_p99_ms",
    "SavedModel CPU p99 ms": "savedmodel_cpu_p99_ms",
    "idle MB": "idle_rss_mb",
    "resident MB": "rss_mb",
}

_METHOD = """One process pinned to one core with one thread: a raw string and ten enabled skills in, the ten
best out; {requests:,} requests for the twin (`model.tflite` and `encoder/`, [docs/twin.md](../twin.md)),
{saved_model:,} for the SavedModel. Flags, pointer and reject score are all computed. The networks have learnt
nothing: tables, products and bytes are those of a trained one, and so is the cost. Storage is `int8`, the
utterance vector has 128 numbers, the n-gram table 32,768 rows. MB are 10⁶ bytes; resident is the whole
process: Python, NumPy, LiteRT, ids and all. "CPU" is processor time, which other work on the machine disturbs
less than it does the clock.

{cores} cores; load average of the last minute {before:.1f} at the start, {after:.1f} at the end.

![Growth with the number of skills](cost.svg)"""


class Target(NamedTuple):
    """An upper bound on a figure, or on the sum of several, at `TARGET_SKILLS`."""

    what: str
    figures: tuple[str, ...]
    most: float
    unit: str


TARGET_SKILLS = 40_000
_TARGETS = (
    Target("twin on disk", ("tflite_bytes", "encoder_bytes"), 25, "MB"),
    Target("process after the requests", ("rss_mb",), 100, "MB"),
    Target("twin, p99", ("p99_ms",), 1, "ms"),
    Target("SavedModel, p99", ("savedmodel_p99_ms",), 8, "ms"),
    Target("twin, p99 of processor time", ("cpu_p99_ms",), 1, "ms"),
    Target("SavedModel, p99 of processor time", ("savedmodel_cpu_p99_ms",), 8, "ms"),
)


def load_average() -> float:
    """How many processes ran or waited in the last minute."""
    return os.getloadavg()[0]


def write_page(rows: Sequence[Row], folder: Path, *, command: str, loads: tuple[float, float]) -> None:
    """Writes cost.svg, and cost.md but for what a person says in it.

    Args:
        rows: The figures of each size.
        folder: Of both files.
        command: That made the figures.
        loads: The load average before and after.
    """
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / "cost.svg", plot(rows))
    page(rows, loads).write(folder / "cost.md", command)


def page(rows: Sequence[Row], loads: tuple[float, float]) -> Table:
    """The page of these rows; see `write_page`."""
    method = _METHOD.format(
        requests=rows[0]["requests"],
        saved_model=rows[0]["savedmodel_requests"],
        cores=os.cpu_count(),
        before=loads[0],
        after=loads[1],
    )
    growth = [[_shown(row, name) for name in _COLUMNS.values()] for row in rows]
    grids = [Grid("By the number of skills.", tuple(_COLUMNS), growth)]
    grids += [
        Grid(f"{TARGET_SKILLS:,} skills.", ("", "target", "measured", ""), list(_targets(row)))
        for row in rows
        if row["skills"] == TARGET_SKILLS
    ]
    return Table("Cost: what a request takes, by the number of skills", method, grids)


def _targets(row: Row) -> Iterator[Sequence[str]]:
    for target in _TARGETS:
        value = sum(figure(row, name) for name in target.figures)
        verdict = "met" if value <= target.most else "missed"
        yield target.what, f"≤ {target.most:g} {target.unit}", f"{value:.2f} {target.unit}", verdict


def _shown(row: Row, name: str) -> str:
    value = row[name]
    if name.endswith("_bytes"):
        return f"{figure(row, name):.2f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
