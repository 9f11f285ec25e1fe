"""`verdict.json`: what was decided about each candidate, and every check with its reason."""

import json
from collections.abc import Collection
from pathlib import Path

import msgspec

from components.records.artifact_files import VERDICT
from components.records.atomic import atomic_write


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One threshold held against one figure.

    Attributes:
        name: The threshold's name in `Thresholds`.
        slice: Where it was checked.
        metric: What was checked.
        value: The figure, or None where it could not be computed.
        threshold: The least or greatest value that passes.
        passed: Whether it holds.
        reason: The same in words.
        models: The candidates that it speaks of, by the name that each is served by.
        low, high: The interval that was taken into account: of the change where the check is against the
            system in service, else of the figure; None where the figure alone counts.
        judgement: In which judgement of the run, from 1: a later one is without what the earlier refused.
    """

    name: str
    slice: str
    metric: str
    value: float | None
    threshold: float
    passed: bool
    reason: str
    models: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    judgement: int = 1


class ModelVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about one candidate, by the name that it is served by, and why."""

    model: str
    blessed: bool
    words: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided.

    Attributes:
        blessed: Whether every candidate is. Where not, some of `models` may be.
        words: In a few sentences.
        checks: Of the last judgement, after those that failed in the earlier ones.
        models: Every candidate of the run.
        forced: Why the candidates are pushed whatever was decided; None: they are not.
    """

    blessed: bool
    words: str
    checks: tuple[Check, ...]
    models: tuple[ModelVerdict, ...] = ()
    forced: str | None = None

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    @property
    def held_back(self) -> tuple[ModelVerdict, ...]:
        """The candidates that may not be pushed."""
        return () if self.forced else tuple(model for model in self.models if not model.blessed)

    def allows(self, models: Collection[str]) -> bool:
        """Whether a system with these candidates, and no other, may be pushed."""
        if self.forced:
            return True
        decided = {model.model: model.blessed for model in self.models}
        return all(decided.get(model, self.blessed) for model in models)


def write_verdict(folder: Path, verdict: Verdict) -> None:
    """Writes `verdict.json` into `folder`."""
    atomic_write(folder / VERDICT, json.dumps(msgspec.to_builtins(verdict), indent=1) + "\n")


def read_verdict(folder: Path) -> Verdict:
    """The verdict in `folder`. Raises `FileNotFoundError` or `msgspec.DecodeError`."""
    return msgspec.json.decode((folder / VERDICT).read_bytes(), type=Verdict)
