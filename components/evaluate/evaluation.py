"""`metrics.json`: everything that was measured, in one plain file that gates and the review read."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from components.evaluate import bootstrap
from components.evaluate.judgement import ANSWERABLE, Judgement
from components.evaluate.options import EvaluateOptions
from components.evaluate.slices import ALL
from components.records import calibration
from components.records.atomic import atomic_write

METRICS_FILE = "metrics.json"
FORMAT = 1
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
        slices: Metric → value by slice: `all`, or `feature:value` with a feature of `slices.FEATURES`. A
            metric that has nothing to be computed on is left out.
        intervals: 95 % intervals of the headline metrics on all requests.
        curves: For the diagrams.
        missing: What was not measured, and why.
        format: Number of this layout.
    """

    split: str
    slices: dict[str, dict[str, float]]
    intervals: dict[str, tuple[float, float]] = {}
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


def complete(
    slices: dict[str, dict[str, float]],
    judgements: Sequence[Judgement],
    options: EvaluateOptions,
    *,
    missing: tuple[str, ...] = (),
) -> Evaluation:
    """Adds to the metrics by slice what is computed on all requests at once: intervals and curves."""
    return Evaluation(
        split=options.split,
        slices=slices,
        intervals=bootstrap.intervals(judgements, resamples=options.resamples, seed=options.seed),
        curves=curves(judgements),
        missing=missing,
    )


def curves(judgements: Sequence[Judgement]) -> Curves:
    """The curves of the answerable ones among `judgements`; empty where there is none."""
    answerable = [judgement for judgement in judgements if judgement.kind == ANSWERABLE]
    if not answerable:
        return Curves()
    rank = np.array([judgement.rank for judgement in answerable])  # [N]
    confidence = np.array([judgement.confidence for judgement in answerable])
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
