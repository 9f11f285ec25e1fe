"""What was decided, and why."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.records.verdict import Check


class Shown(NamedTuple):
    """`head` and `rest`: the verdict's words before and after their first colon; failed checks come first."""

    blessed: bool
    head: str
    rest: str
    split: str
    checks: tuple[Check, ...]


def section(found: Found) -> Shown:
    head, _, rest = found.verdict.words.partition(": ")
    checks = sorted(found.verdict.checks, key=lambda check: check.passed)
    return Shown(found.verdict.blessed, head, rest, found.evaluation.split, tuple(checks))
