"""`metrics.json`: everything that was measured, in one plain file that gates and the review read."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from components.evaluate import bootstrap
from components.evaluate.differences import Comparison, Difference, Measured, compare
from components.evaluate.judgement import ANSWERABLE, UNLABELLED
from components.evaluate.options import EvaluateOptions
from components.evaluate.slices import ALL
from components.evaluate.slicing import Rows, Slices
from components.evaluate.table import Table, read_table
from components.records import calibration
from components.records.atomic import atomic_write

METRICS_FILE = "metrics.json"
FORMAT = 2
_HISTOGRAM_BINS = 20


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """One bin of the reliability diagram."""

    count: int
    confidence: float
    accuracy: float


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """What the review draws, over all answerable requests.

    Attributes:
        recall: recall[k−1]: share with a right skill among the first k, up to the longest list.
        equal_width: Reliability bins of equal width.
        equal_mass: Reliability bins of equal mass.
        right: Requests by confidence, 20 equal bins of [0, 1], whose best hypothesis is right.
        wrong: The same where it is wrong.
    """

    recall: tuple[float, ...] = ()
    equal_width: tuple[Bin, ...] = ()
    equal_mass: tuple[Bin, ...] = ()
    right: tuple[int, ...] = ()
    wrong: tuple[int, ...] = ()


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured on one split.

    Attributes:
        split: Which.
        slices: Metric → value by slice: `all`, or `feature:value` with a feature of `slices.FEATURES`, or a
            cross of two (see `slices.split_name`). A metric that has nothing to be computed on is left out.
        left_out: How many slices of a feature are below the minimum size, and so not in `slices`.
        intervals: 95 % intervals of the headline metrics, by slice, of those with enough requests.
        comparison: With the baseline, in the slices that have intervals; empty where there is no baseline.
        curves: For the diagrams.
        missing: What was not measured, and why.
        format: Number of this layout.
    """

    split: str
    slices: dict[str, dict[str, float]]
    left_out: dict[str, int] = {}
    intervals: dict[str, dict[str, tuple[float, float]]] = {}
    comparison: Comparison = Comparison()
    curves: Curves = Curves()
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"`format` must be {FORMAT}. Received: {self.format}")

    @property
    def overall(self) -> dict[str, float]:
        """The metrics of all requests; empty where there was no request."""
        return self.slices.get(ALL, {})

    @property
    def differences(self) -> dict[str, dict[str, Difference]]:
        """Against the baseline, by slice and metric; empty where there is no baseline."""
        return self.comparison.differences


def complete(
    metrics: dict[str, dict[str, float]],
    table: Table,
    slices: Slices,
    options: EvaluateOptions,
    *,
    baseline: Path | None = None,
    missing: tuple[str, ...] = (),
) -> Evaluation:
    """Adds to the metrics by slice what is computed on all requests at once.

    Args:
        metrics: By slice.
        table: All judgements.
        slices: Their rows.
        options: What is measured.
        baseline: Folder of the evaluation to compare with.
        missing: What was not measured, and why.
    """
    enough = _enough(table, slices.rows, options.min_interval)
    draw: dict[str, Any] = {
        "resamples": options.resamples,
        "seed": options.seed,
        "precisions": options.precisions,
    }
    drawn = bootstrap.resampled(table, enough, **draw)
    comparison = Comparison()
    if baseline is not None:
        own = Measured(metrics, drawn)
        comparison = compare(read_table(baseline), table, enough, of_after=own, **draw)
        if not comparison.paired:
            missing += ("differences from the baseline: it has none of these requests",)
    return Evaluation(
        split=options.split,
        slices=metrics,
        left_out=slices.left_out,
        intervals=bootstrap.intervals(metrics, drawn),
        comparison=comparison,
        curves=curves(table),
        missing=missing,
    )


def compare_folders(
    before: Path, after: Path, *, names: Collection[str] = (), resamples: int = 1000, seed: int = 0
) -> Comparison:
    """Compares the evaluations in two folders.

    Args:
        names: The slices; empty: those that have intervals in `after`, or all requests where none has.
        before, after, resamples, seed: As of `compare`.

    Raises:
        FileNotFoundError: A folder lacks its metrics or judgements.
    """
    names = names or read_evaluation(after).intervals or {ALL: {}}
    return compare(read_table(before), read_table(after), names, resamples=resamples, seed=seed)


def curves(table: Table) -> Curves:
    """The curves of the answerable requests; empty where there is none."""
    known = table.kind == ANSWERABLE
    if not known.any():
        return Curves()
    rank, confidence = table.rank[known], table.confidence[known]  # [N]
    right = rank == 1
    found = np.cumsum(np.bincount(rank, minlength=2)[1:])  # [longest rank]
    edges = np.linspace(0.0, 1.0, _HISTOGRAM_BINS + 1)
    return Curves(
        recall=tuple((found / len(rank)).tolist()),
        equal_width=_bins(calibration.reliability(confidence, right, calibration.equal_width(confidence))),
        equal_mass=_bins(calibration.reliability(confidence, right, calibration.equal_mass(confidence))),
        right=tuple(np.histogram(confidence[right], edges)[0].tolist()),
        wrong=tuple(np.histogram(confidence[~right], edges)[0].tolist()),
    )


def write_evaluation(folder: Path, evaluation: Evaluation) -> None:
    """Writes `metrics.json` into `folder`, indented for a reader."""
    atomic_write(folder / METRICS_FILE, json.dumps(msgspec.to_builtins(evaluation), indent=1) + "\n")


def read_evaluation(folder: Path) -> Evaluation:
    """The evaluation in `folder`. Raises `FileNotFoundError` or `msgspec.DecodeError`."""
    return msgspec.json.decode((folder / METRICS_FILE).read_bytes(), type=Evaluation)


def _bins(bins: calibration.Bins) -> tuple[Bin, ...]:
    return tuple(
        Bin(count=int(count), confidence=float(confidence), accuracy=float(accuracy))
        for count, confidence, accuracy, _ in zip(*bins, strict=True)
    )


def _enough(table: Table, rows: Mapping[str, Rows], least: int) -> dict[str, Rows]:
    """The slices with at least `least` requests that something is known of; `all` always."""
    known = table.kind != UNLABELLED
    return {name: held for name, held in rows.items() if name == ALL or known[held].sum() >= least}
