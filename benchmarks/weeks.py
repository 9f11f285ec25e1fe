"""Twelve weeks of a simulated assistant: trained again every week, new skills added, or left as it is.

    arbiter bench weeks [--warm] [--output docs/results]

Skills appear all the time, and tastes and devices shift (`simulate`'s `new_skills` and `drift`). A
Shortlister is trained on the first weeks. Every week after them is asked before it is learnt from: of
customers who are in no training. --output writes weeks.md and weeks.svg; what a person says there stays.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ablations.table import Grid, Table
from benchmarks.weekly.plot import plot
from benchmarks.weekly.regimes import REGIMES, Asked, WarmRetrain, trained
from benchmarks.weekly.world import Growing, beginning, requests_of
from components.records.atomic import atomic_write
from components.records.drift import population_stability
from components.records.drift_window import Figure, Tally, Window
from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.options import ShortlisterOptions
from components.simulate import SimulateOptions

_METHOD = """{skills} skills, of which {born} appear in the weeks asked, {requests:,} requests a week
in the mean, of {customers:,} customers; `new_skills` {new_skills}, `drift` {drift}, seed {seed}. The
Shortlister ({epochs} epochs and {loop_epochs} of its learning loop, else its defaults; no rankers) is
trained on weeks 1 to {base}. Week after week from {first} on, the requests of customers who are in no
training are asked first; then the week is read by Ingest, which reads new files alone, and each model
gets what its rule gives it: *retrain*, a training on all weeks so far;{warm} *skill add*, the skills that
appeared in the week, with their requests of the week; *nothing*. A skill that appears within a week is
unknown to all until the week is over. Top-1: a skill that is right, `skill_id` or one of `also_correct`.
±: the standard error, over customers."""
_WARM = " *retrain, warm*, the same from the model of the week before, half the epochs at half the rate;"
_EPOCHS, _LOOP_EPOCHS = 5, 2
_PANELS = {"top1": "top-1", "new": "top-1, skills of these weeks", "ece": "ECE"}


@dataclass
class _Curve:
    """A rule's answers week by week, and over all weeks."""

    weeks: list[Window] = field(default_factory=list)
    new: list[Window] = field(default_factory=list)
    total: Asked = field(default_factory=lambda: Asked(Tally(), Tally()))

    def add(self, asked: Asked) -> None:
        self.weeks.append(asked.all.window())
        self.new.append(asked.new.window())
        for sum_, one in zip(self.total, asked, strict=True):
            sum_ += one


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the weeks, prints the tables and, where asked, writes the page."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench weeks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--skills", type=int, default=120)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--requests", type=int, default=1_000, help="A week.")
    parser.add_argument("--base", type=int, default=4, help="Weeks before the first one asked.")
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--drift", type=float, default=1.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warm", action="store_true", help="Train also from the model of the week before.")
    parser.add_argument("--output", type=Path, help="A folder for weeks.md and weeks.svg.")
    chosen = parser.parse_args(arguments)
    given = {name: value for name, value in vars(chosen).items() if name != "output"}
    table, picture = measure(**given)
    print(table.markdown())
    if chosen.output is not None:
        command = " ".join(
            ["arbiter bench weeks"]
            + [
                f"--{name}" if value is True else f"--{name} {value}"
                for name, value in given.items()
                if value != parser.get_default(name)
            ]
        )
        atomic_write(chosen.output / "weeks.svg", picture)
        table.write(chosen.output / "weeks.md", f"{command} --output docs/results")
    return 0


def measure(
    *,
    skills: int,
    customers: int,
    requests: int,
    base: int,
    weeks: int,
    drift: float,
    seed: int,
    warm: bool = False,
) -> tuple[Table, str]:
    """The tables and the picture."""
    last = base + weeks
    days = round(7 * last / 0.8)  # skills appear in the first 80 % of the period
    options = SimulateOptions(
        skills=skills,
        customers=customers,
        requests=round(requests * days / 7),
        days=days,
        new_skills=0.4,
        drift=drift,
        weekly=True,
        seed=seed,
    )
    trainer = ShortlisterOptions(
        seed=seed, epochs=_EPOCHS, learning_loop=LearningLoopOptions(epochs=_LOOP_EPOCHS)
    )
    rules = [rule for rule in REGIMES if warm or rule is not WarmRetrain]
    curves = {rule.name: _Curve() for rule in rules}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        growing = Growing(folder, options)
        read = growing.grow(*range(base))
        old = set(read.skills().skill_ids)
        begun = time.process_time()
        first = trained(read, folder / "base", trainer)
        base_seconds = time.process_time() - begun
        regimes = [regime(first, folder / regime.name, trainer) for regime in rules]
        for week in range(base, last):
            read = growing.grow(week)
            new = set(read.skills().skill_ids) - old
            asked = list(requests_of(read, "test", week))
            for regime in regimes:
                curves[regime.name].add(regime.ask(asked, new))
                if week + 1 < last:
                    regime.end(week, read)
            print(_line(week, curves), flush=True)
        born = sum(
            beginning(base) <= skill.first_seen < beginning(last)
            for skill in read.skills()
            if skill.first_seen
        )
    numbers = list(range(base + 1, last + 1))
    method = _METHOD.format(
        skills=skills,
        born=born,
        requests=requests,
        customers=customers,
        new_skills=options.new_skills,
        drift=drift,
        seed=seed,
        base=base,
        first=base + 1,
        warm=_WARM if warm else "",
        epochs=_EPOCHS,
        loop_epochs=_LOOP_EPOCHS,
    )
    costs = {regime.name: sum(regime.seconds) for regime in regimes}
    grids = [_weeks_grid(numbers, curves), _total_grid(curves, costs, base_seconds)]
    return Table(
        "Week after week: trained again, skills added, or left as it is",
        f"![Curves](weeks.svg)\n\n{method}",
        grids,
    ), plot(
        numbers,
        {
            title: {
                name: [
                    _value(window, "top1" if key == "new" else key)
                    for window in (curve.new if key == "new" else curve.weeks)
                ]
                for name, curve in curves.items()
            }
            for key, title in _PANELS.items()
        },
    )


def _weeks_grid(numbers: Sequence[int], curves: dict[str, _Curve]) -> Grid:
    names = list(curves)
    rows: list[list[str | float]] = []
    first = curves[names[0]].weeks[0].mixes["device"].counts
    for i, number in enumerate(numbers):
        windows = [curves[name].weeks[i] for name in names]
        rows.append(
            [
                str(number),
                str(windows[0].labelled),
                f"{population_stability(windows[0].mixes['device'].counts, first)[0]:.3f}",
                *(f"{_value(curves['nothing'].weeks[i], 'unknown_words'):.3f}",),
                *(_with_error(window.figures["top1"]) for window in windows),
                *(f"{_value(window, 'refused'):.3f}" for window in windows),
            ]
        )
    return Grid(
        "Week by week. Devices: population stability index of their mix against the first week asked. "
        "Unknown: share of the words that the first training never showed.",
        (
            "week",
            "answerable",
            "devices",
            "unknown",
            *(f"top-1, {n}" for n in names),
            *(f"refused, {n}" for n in names),
        ),
        rows,
    )


def _total_grid(curves: dict[str, _Curve], costs: dict[str, float], base_seconds: float) -> Grid:
    rows: list[list[str | float]] = []
    for name, curve in curves.items():
        total, new = (tally.window().figures for tally in curve.total)
        rows.append(
            [
                name,
                _with_error(total["top1"]),
                _with_error(new["top1"]),
                total["macro_f1"].value,
                total["ece"].value,
                total["refused"].value,
                f"{costs[name]:.0f}",
            ]
        )
    return Grid(
        "All weeks together. New: requests whose skill appeared in these weeks. CPU s: of the ends of all "
        f"weeks but the last; the first training took {base_seconds:.0f}.",
        ("rule", "top-1", "top-1, new", "macro F1", "ECE", "refused", "CPU s"),
        rows,
    )


def _line(week: int, curves: dict[str, _Curve]) -> str:
    return f"week {week + 1}: " + ", ".join(
        f"{name} {_value(curve.weeks[-1], 'top1'):.4f}" for name, curve in curves.items()
    )


def _value(window: Window, name: str) -> float:
    return window.figures[name].value if name in window.figures else 0.0


def _with_error(figure: Figure) -> str:
    return f"{figure.value:.4f} ± {figure.error or 0.0:.4f}"


if __name__ == "__main__":
    raise SystemExit(main())
