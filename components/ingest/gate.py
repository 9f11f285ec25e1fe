"""The gate on bad data: what the validators found, held against limits."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from components.ingest.options import GateOptions
from components.ingest.report import REPORT, Report
from components.records.artifact_files import VERDICT
from components.records.atomic import atomic_write

Anomalies = Mapping[str, Mapping[str, str]]
"""Split to feature to what is wrong with it."""


class BadDataError(ValueError):
    """The data is worse than the limits allow; the message holds the verdict and the report."""


class GateCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One limit and whether it holds.

    Attributes:
        name: Of the limit in `GateOptions`.
        value: What was found.
        threshold: The limit.
        reason: The same in words.
    """

    name: str
    value: float
    threshold: float
    passed: bool
    reason: str


class GateVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict.json`: every check; `blessed` where all of them passed."""

    blessed: bool
    checks: tuple[GateCheck, ...]


def judge(report: Report, anomalies: Anomalies, options: GateOptions) -> GateVerdict:
    """Holds the ingest report and the anomalies against the limits."""
    checks = tuple(_checks(report, anomalies, options))
    return GateVerdict(blessed=all(check.passed for check in checks), checks=checks)


def write_verdict(folder: Path, verdict: GateVerdict) -> None:
    """Writes `verdict.json`, passed or not."""
    atomic_write(folder / VERDICT, msgspec.json.format(msgspec.json.encode(verdict), indent=2))


def require(verdict: GateVerdict, report: Report, letters: Path) -> None:
    """Raises `BadDataError` unless blessed: what failed, the counts, and the first refused records.

    Args:
        letters: The folder with `report.json` and all dead letters.
    """
    if verdict.blessed:
        return
    failed = "\n".join(f"  {check.reason}" for check in verdict.checks if not check.passed)
    raise BadDataError(
        f"The data is worse than the limits allow:\n{failed}\n{report.in_words()}\n"
        "Mend the records, bring more of them, pin some to a split (`split`), or change the limit (gate.…). "
        f"Every refused record: {letters}; counts: {letters / REPORT}"
    )


def _checks(report: Report, anomalies: Anomalies, options: GateOptions) -> Iterator[GateCheck]:
    yield GateCheck(
        name="max_bad_share",
        value=report.bad_share,
        threshold=options.max_bad_share,
        passed=report.bad_share <= options.max_bad_share,
        reason=f"{report.bad_share:.2%} of {report.records_in} records are bad; "
        f"allowed: {options.max_bad_share:.2%}",
    )
    for split, needed in options.least.items():
        found = report.splits[split]
        yield GateCheck(
            name=f"min_{split}",
            value=found,
            threshold=needed,
            passed=found >= needed,
            reason=f"{split} has {found} requests; needed: {needed}",
        )
    wrong = [
        f"{split}: {feature}: {what}" for split, own in anomalies.items() for feature, what in own.items()
    ]
    yield GateCheck(
        name="max_anomalies",
        value=len(wrong),
        threshold=options.max_anomalies,
        passed=len(wrong) <= options.max_anomalies,
        reason=f"{len(wrong)} anomalies against the schema; allowed: {options.max_anomalies}"
        + "".join(f"; {line}" for line in wrong[:5]),
    )
