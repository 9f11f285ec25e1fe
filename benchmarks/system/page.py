"""The page of the whole system: figures by who answered and by slice, and the targets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.ablations.table import Grid
from benchmarks.system.figures import LEAST, Figures

SYSTEM = "whole system"
NEW_INTENT = "turns with a new intent"
ALL = "all"

Rows = Mapping[tuple[str, str], Figures]
"""Figures by who answered and which slice of the requests."""

_COLUMNS = (
    "who answers", "requests", "number", "a right skill", "95 % interval", "`skill_id`", "domain", "intent",
    "slot F1", "SemER", "IRER", "ECE", "by chance", f"worst domain of {LEAST}", "its ECE",
)  # fmt: skip


class Target(NamedTuple):
    """What the whole system is to reach on a slice of a set."""

    what: str
    slice: str
    figure: str
    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def bound(self) -> str:
        return f"≥ {self.least}" if self.least is not None else f"≤ {self.most}"


TARGETS = {
    "hwu64": (
        Target("domain", ALL, "domain", least=0.93),
        Target("scenario and intent", ALL, "intent", least=0.90),
        Target("slot F1", ALL, "slot_f1", least=0.75),
    ),
    "sgd": (
        Target("a right skill, turns with a new intent", NEW_INTENT, "any_skill", least=0.92),
        Target("ECE, turns with a new intent", NEW_INTENT, "ece", most=0.03),
        Target("ECE, all turns", ALL, "ece", most=0.03),
        Target("worst domain's ECE, turns with a new intent", NEW_INTENT, "worst_ece", most=0.08),
        Target("worst domain's ECE, all turns", ALL, "worst_ece", most=0.08),
    ),
}


def grids(name: str, rows: Rows) -> Sequence[Grid]:
    """The tables of a set."""
    caption = f"{name}: answers by who gives them. SemER is micro."
    return [
        Grid(caption, _COLUMNS, [_row(*key, found) for key, found in rows.items()]),
        Grid(f"{name}: targets.", ("", "target", "measured", ""), list(_targets(TARGETS[name], rows))),
    ]


def _row(who: str, part: str, found: Figures) -> Sequence[str | float]:
    low, high = found.any_skill_range
    return (
        who, part, str(found.requests), found.any_skill, f"{low:.4f} … {high:.4f}", found.skill, found.domain,
        found.intent, found.slot_f1, found.semer, found.irer, _or_dash(found.ece), _or_dash(found.floor),
        found.worst_domain or "-", _or_dash(found.worst_ece),
    )  # fmt: skip


def _or_dash(value: float | None) -> str | float:
    return "-" if value is None else value


def _targets(targets: Sequence[Target], rows: Rows) -> Iterator[Sequence[str]]:
    for target in targets:
        value: float | None = getattr(rows[SYSTEM, target.slice], target.figure)
        if value is None:
            yield target.what, target.bound, "no domain has so many", "-"
            continue
        yield target.what, target.bound, f"{value:.4f}", "met" if target.met(value) else "missed"
