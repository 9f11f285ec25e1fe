"""The verdict and the numbers that matter, for a terminal, a program or a pull request."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from components.evaluate.differences import Comparison, Difference
from components.evaluate.evaluation import compare_folders, read_evaluation
from components.evaluate.headlines import COMPARED, TEN, headlines
from components.evaluate.review.sections.changes import kind_of
from components.evaluate.slices import ALL
from components.records.verdict import Check, ModelVerdict, read_verdict


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One headline number.

    Attributes:
        low, high: Its 95 % interval; None where there is none.
        meaning: What it is.
    """

    metric: str
    value: float
    low: float | None
    high: float | None
    meaning: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One headline number of two systems.

    Attributes:
        before, after: Of the other system and of this one.
        low, high: The 95 % interval of the change, of the requests that both have answered; None where they
            have answered different requests, and the two figures alone are known.
        kind: better, worse, or same where chance may have done it; empty without an interval.
    """

    metric: str
    before: float
    after: float
    low: float | None = None
    high: float | None = None
    kind: str = ""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """This system against another; `paired`: requests that both have answered."""

    paired: int
    changes: tuple[Change, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `arbiter review` says.

    Attributes:
        blessed: Whether every check passed.
        words: The verdict in a few sentences.
        forced: Why everything was pushed whatever was decided, if it was.
        models: What was decided of each candidate.
        checks: Every check with its reason.
        split: What was measured.
        rows: The headline numbers.
        metrics: Every metric on all requests.
    """

    blessed: bool
    words: str
    forced: str | None
    models: tuple[ModelVerdict, ...]
    checks: tuple[Check, ...]
    split: str
    rows: tuple[Row, ...]
    metrics: dict[str, float]

    @property
    def ten(self) -> tuple[Row, ...]:
        """Those of `rows` that matter most."""
        by_name = {row.metric: row for row in self.rows}
        return tuple(by_name[name] for name in TEN if name in by_name)


def summary(evaluation: Path, verdict: Path) -> Summary:
    """Reads `metrics.json` in folder `evaluation` and `verdict.json` in folder `verdict`.

    Raises:
        FileNotFoundError: One of them is not there.
    """
    decided, measured = read_verdict(verdict), read_evaluation(evaluation)
    rows = []
    for row in headlines(measured):
        low, high = row.interval or (None, None)
        rows.append(Row(metric=row.metric, value=row.value, low=low, high=high, meaning=row.meaning))
    return Summary(
        blessed=decided.blessed,
        words=decided.words,
        forced=decided.forced,
        models=decided.models,
        checks=decided.checks,
        split=measured.split,
        rows=tuple(rows),
        metrics=measured.overall,
    )


def compared(before: Path, after: Path) -> Compared:
    """Holds the evaluation in folder `after` against that in `before`.

    Request by request where both have answered the same ones; else figure by figure, without intervals.

    Raises:
        FileNotFoundError: A folder lacks its metrics or judgements.
    """
    found = compare_folders(before, after, names=(ALL,))
    if found.paired:
        return Compared(paired=found.paired, changes=tuple(_paired(found)))
    was, now = read_evaluation(before).overall, read_evaluation(after).overall
    names = [name for name in COMPARED if name in was and name in now]
    return Compared(
        paired=0, changes=tuple(Change(metric=name, before=was[name], after=now[name]) for name in names)
    )


def _paired(found: Comparison) -> Sequence[Change]:
    own = found.differences.get(ALL, {})
    return [_change(name, own[name]) for name in COMPARED if name in own]


def _change(metric: str, found: Difference) -> Change:
    return Change(
        metric=metric,
        before=found.before,
        after=found.after,
        low=found.low,
        high=found.high,
        kind=kind_of(metric, found),
    )
