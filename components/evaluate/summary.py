"""The verdict and the numbers that matter, in rows that a terminal can print."""

from pathlib import Path
from typing import NamedTuple

from components.evaluate.evaluation import read_evaluation
from components.evaluate.headlines import headlines
from components.records.verdict import Check, read_verdict


class Row(NamedTuple):
    """One headline number; `low` and `high` are its 95 % interval, None where there is none."""

    metric: str
    value: float
    low: float | None
    high: float | None
    meaning: str


class Summary(NamedTuple):
    """What `arbiter review` says.

    Attributes:
        blessed: Whether every check passed.
        words: The verdict in one sentence.
        checks: Every check with its reason.
        rows: The headline numbers.
    """

    blessed: bool
    words: str
    checks: tuple[Check, ...]
    rows: tuple[Row, ...]


def summary(evaluation: Path, verdict: Path) -> Summary:
    """Reads `metrics.json` in folder `evaluation` and `verdict.json` in folder `verdict`.

    Raises:
        FileNotFoundError: One of them is not there.
    """
    decided = read_verdict(verdict)
    rows = []
    for row in headlines(read_evaluation(evaluation)):
        low, high = row.interval or (None, None)
        rows.append(Row(row.metric, row.value, low, high, row.meaning))
    return Summary(decided.blessed, decided.words, decided.checks, tuple(rows))
