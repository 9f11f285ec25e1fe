"""A table with a row for each of some slices."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from components.evaluate.evaluation import Evaluation
from components.evaluate.metrics import METRICS
from components.evaluate.slices import ALL, split_name

_COUNTS = frozenset(
    {"requests", "answerable", "single_answer", "out_of_scope", "unlabelled", "framed", "without_frame"}
)


class SliceRow(NamedTuple):
    """What tells the slice's requests apart, its value, and its metrics."""

    feature: str
    value: str
    metrics: dict[str, float]


class SliceTable(NamedTuple):
    """Metrics by slice.

    Attributes:
        columns: Name and meaning of each metric shown.
        rows: The slices.
        counts: Metrics that are whole numbers.
    """

    columns: tuple[tuple[str, str], ...]
    rows: list[SliceRow]
    counts: frozenset[str] = _COUNTS


def slice_table(evaluation: Evaluation, names: Iterable[str], columns: Sequence[str]) -> SliceTable:
    """The slices called `names`, in their order, with the metrics called `columns`."""
    return SliceTable(
        tuple((name, METRICS[name]) for name in columns),
        [_row(name, evaluation.slices[name]) for name in names],
    )


def in_words(name: str) -> str:
    """A slice's name for people.

    >>> in_words("device:tv & domain:Music")
    'device: tv & domain: Music'
    """
    return " & ".join(f"{feature}: {value}" for feature, value in split_name(name).items()) or "all requests"


def _row(name: str, metrics: dict[str, float]) -> SliceRow:
    values = split_name(name)
    return SliceRow(" & ".join(values) or ALL, " & ".join(values.values()), metrics)
