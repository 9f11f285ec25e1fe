"""What the learning loop did: its mechanisms and their counts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from components.evaluate.review.cards import content

_REPORT = "report.json"


class Mechanism(NamedTuple):
    """One mechanism of the loop.

    Attributes:
        name: Of it.
        used: Whether its switch is on.
        labels: That it made; None where it makes none.
        words: How, where it is used.
    """

    name: str
    used: bool
    labels: int | None
    words: str


class LookedAt(NamedTuple):
    """An epoch that pseudo-labels were looked for in; `above`: requests with a skill above their label."""

    training: str
    epoch: int
    top1: float | None
    above: int | None
    labels: int | None


class Loop(NamedTuple):
    """Empty where a run had no loop."""

    mechanisms: tuple[Mechanism, ...] = ()
    epochs: tuple[LookedAt, ...] = ()


def read_loop(folders: Mapping[str, Path]) -> Loop:
    """From the artifacts `pseudo_labels`, `negatives`, `distillation` and `semi_labels`, as far as there."""
    reports = {name: content(folders.get(name), _REPORT) for name in _IN_WORDS}
    return Loop(
        tuple(_mechanism(name, report) for name, report in reports.items() if report),
        tuple(_epochs(reports["pseudo_labels"])),
    )


def _mechanism(name: str, report: dict[str, Any]) -> Mechanism:
    words, describe = _IN_WORDS[name]
    labels = report.get("labels")
    if isinstance(labels, dict):  # by the rule that made them
        labels = labels.get(report.get("rule"), max(labels.values(), default=0))
    used = bool(report.get("used"))
    return Mechanism(words, used, labels, describe(report) if used else "")


def _pseudo(report: dict[str, Any]) -> str:
    by_rule = ", ".join(f"{which}: {count}" for which, count in report.get("labels", {}).items())
    return (
        f"rule {report.get('rule')}: in the best {report.get('p')} above the label for {report.get('r')} "
        f"epochs; weight {report.get('weight')}; by rule: {by_rule or 'none'}"
    )


def _negative(report: dict[str, Any]) -> str:
    return f"skills that failed on a request; weight by epoch {_range(report.get('weights', {}).values())}"


def _distilled(report: dict[str, Any]) -> str:
    teacher = report.get("teacher", {})
    return f"teacher of epoch {teacher.get('epoch')}; weight by epoch {_range([report.get('weights', [])])}"


def _semi(report: dict[str, Any]) -> str:
    return (
        f"of {report.get('unlabelled')} unlabelled requests, where the model is right with "
        f"{report.get('precision')} at least"
    )


_IN_WORDS = {
    "pseudo_labels": ("Pseudo-labels", _pseudo),
    "negatives": ("Negative feedback", _negative),
    "distillation": ("Self-distillation", _distilled),
    "semi_labels": ("Labels for unlabelled requests", _semi),
}


def _range(weights: Any) -> str:
    every = [weight for part in weights for weight in part]
    return f"{min(every):g} to {max(every):g}" if every else "none"


def _epochs(report: dict[str, Any]) -> Iterator[LookedAt]:
    for look in report.get("looks", ()):
        for epoch in look["epochs"]:
            yield LookedAt(
                look["name"],
                epoch["epoch"],
                epoch.get("train_top1"),
                epoch.get("above_requests"),
                epoch.get("pseudo_labels_if_best"),
            )
