"""What was decided, and why."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.records.verdict import Check


class Shown(NamedTuple):
    """`head` and `rest` are the verdict's words before and after their first colon."""

    blessed: bool
    head: str
    rest: str
    split: str
    checks: tuple[Check, ...]


def section(found: Found) -> Shown:
    head, _, rest = found.verdict.words.partition(": ")
    return Shown(found.verdict.blessed, head, rest, found.evaluation.split, found.verdict.checks)
