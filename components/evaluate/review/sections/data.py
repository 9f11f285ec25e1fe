"""The data card: what came in, what was refused, how it was split, what the schema says."""

from typing import Any, NamedTuple

from components.evaluate.review.cards import Rows
from components.evaluate.review.found import Found


class Shown(NamedTuple):
    """The card's tables.

    Attributes:
        counts: Records in, out, refused and so on, and what each means.
        splits: Split, its requests and its customers.
        reasons: Why records were refused, and how many, the most frequent first.
        gate: Name, result and reason of every check on the data.
        rows: Everything that Ingest counted.
    """

    counts: list[tuple[str, int, str]]
    splits: list[tuple[str, int, int | None]]
    reasons: list[tuple[str, int]]
    gate: list[tuple[str, bool, str]]
    rows: Rows


_COUNTS = {
    "in": ("Read", "records of the dataset"),
    "out": ("Good", "records in the splits"),
    "dead": ("Dead letters", "records refused; dead_letters.jsonl says why, one by one"),
    "duplicates": ("Duplicates", "records of a request that was read before, with the same content"),
    "left_out": ("Left out", "good records outside their split's time"),
    "with_recent": ("With a history", "good records that know what their customer used before"),
}


def section(found: Found) -> Shown:
    report, gate = found.ingest, found.gate
    customers = report.get("customers", {})
    return Shown(
        counts=[(words, report[name], why) for name, (words, why) in _COUNTS.items() if name in report],
        splits=[(split, count, customers.get(split)) for split, count in report.get("splits", {}).items()],
        reasons=sorted(report.get("reasons", {}).items(), key=lambda item: (-item[1], item[0])),
        gate=[_check(check) for check in gate.get("checks", ())],
        rows=found.cards.data,
    )


def _check(check: dict[str, Any]) -> tuple[str, bool, str]:
    return check["name"], check["passed"], check["reason"]
