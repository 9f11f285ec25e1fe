"""What the dev split says of a trained network: its calibration, its refusal threshold, its accuracy."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.records.manifest import Calibration
from components.shortlister.calibrate import (
    confidences,
    expected_calibration_error,
    fit_margin,
    fit_platt,
    refusal_threshold,
    sigmoid,
)
from components.shortlister.corpus import Corpus
from components.shortlister.loss import NO_SKILL
from components.shortlister.predict import Scorer

_K = 5


@dataclass(frozen=True)
class DevFigures:
    """`calibration` and `refusal_threshold` as the manifest holds them, and figures of the dev split."""

    calibration: Calibration
    refusal_threshold: float | None
    metrics: dict[str, float]


def dev_figures(scorer: Scorer, dev: Corpus) -> DevFigures:
    """Fits the calibration to the candidates of each dev request that has a right skill.

    A candidate is right if it is the right skill or one of `also_correct`. Requests without a known right
    skill are left out, except that out-of-scope ones choose the refusal threshold together with them.
    """
    rows = np.flatnonzero((dev.skill != NO_SKILL) | (dev.also_correct.lengths > 0))
    numbers, top = scorer.top(dev, rows, k=_K)
    right = numbers == dev.skill[rows, None]  # [N, k]
    right_any = right | _among(numbers, dev.also_correct.pad(rows))  # [N, k]
    scores = top.astype(np.float64)  # [N, k]
    calibration = fit_margin(fit_platt(scores[:, 0], right_any[:, 0]), scores, right_any)
    confidence = confidences(calibration, scores)  # [N, k]
    outside = scorer.top(dev, np.flatnonzero(dev.out_of_scope), k=1)[1].astype(np.float64)
    threshold = refusal_threshold(confidence[:, 0], confidences(calibration, outside)[:, 0])
    labelled = dev.skill[rows] != NO_SKILL
    metrics = {"dev_requests": float(len(rows))}
    if labelled.any():
        metrics["dev_top1"] = float(right[labelled, 0].mean())
        metrics[f"dev_top{_K}"] = float(right[labelled].any(axis=1).mean())
    if len(rows):
        metrics["dev_top1_any_correct"] = float(right_any[:, 0].mean())
        metrics["dev_ece_before"] = expected_calibration_error(sigmoid(scores[:, 0]), right_any[:, 0])
        metrics["dev_ece"] = expected_calibration_error(confidence[:, 0], right_any[:, 0])
        metrics["dev_ece_candidates"] = expected_calibration_error(confidence.ravel(), right_any.ravel())
    return DevFigures(calibration, threshold, metrics)


def _among(numbers: npt.NDArray[np.int32], ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which of `numbers` [N, k] are among the row's `ids` [N, m] (number + 1, 0 = padding): bool [N, k]."""
    found: npt.NDArray[np.bool_] = (numbers[:, :, None] + 1 == ids[:, None, :]).any(axis=-1)
    return found
