"""What the dev split says of a trained network: its calibration, when it refuses, its accuracy."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.records.calibration import ece
from components.records.logistic import confidences, fit_best, fit_runners_up, sigmoid
from components.records.manifest import Calibration, Refusal
from components.shortlister.corpus import Corpus
from components.shortlister.loss import NO_SKILL
from components.shortlister.predict import Scorer
from components.shortlister.reject import fit_refusal

_K = 5
_NO_REFUSAL = (
    "nothing is refused: dev has {outside} out-of-scope requests and {inside} with a right skill, "
    "and to learn a refusal takes at least 2 of each"
)


@dataclass(frozen=True)
class DevFigures:
    """`calibration`, `refusal` and `no_refusal` as the manifest holds them, and figures of the dev split."""

    calibration: Calibration
    refusal: Refusal | None
    no_refusal: str | None
    metrics: dict[str, float]


def dev_figures(
    scorer: Scorer, dev: Corpus, *, false_acceptance: float = 0.1, certainty: float = 0.95
) -> DevFigures:
    """Fits the calibration to the candidates of each dev request that has a right skill, and the refusal.

    A candidate is right if it is the right skill or one of `also_correct`. Requests without a known right
    skill are left out, except that the refusal tells out-of-scope ones from those with a right skill.

    Args:
        scorer: Of the trained network.
        dev: Requests that it has not learnt from.
        false_acceptance, certainty: See `fit_refusal`.
    """
    rows = np.flatnonzero((dev.skill != NO_SKILL) | (dev.also_correct.lengths > 0))
    numbers, top = scorer.top(dev, rows, k=_K)
    right = numbers == dev.skill[rows, None]  # [N, k]
    right_any = right | _among(numbers, dev.also_correct.pad(rows))  # [N, k]
    scores = top.astype(np.float64)  # [N, k]
    calibration = fit_runners_up(fit_best(scores, right_any[:, 0]), scores, right_any)
    confidence = confidences(calibration, scores)  # [N, k]
    outside = np.flatnonzero(dev.out_of_scope)
    refusal = fit_refusal(
        scorer.reject_features(dev, rows),
        scorer.reject_features(dev, outside),
        false_acceptance=false_acceptance,
        certainty=certainty,
    )
    no_refusal = None if refusal is not None else _NO_REFUSAL.format(inside=len(rows), outside=len(outside))
    labelled = dev.skill[rows] != NO_SKILL
    metrics = {"dev_requests": float(len(rows))}
    if labelled.any():
        metrics["dev_top1"] = float(right[labelled, 0].mean())
        metrics[f"dev_top{_K}"] = float(right[labelled].any(axis=1).mean())
    if len(rows):
        metrics["dev_top1_any_correct"] = float(right_any[:, 0].mean())
        metrics["dev_ece_before"] = ece(sigmoid(scores[:, 0]), right_any[:, 0])
        metrics["dev_ece"] = ece(confidence[:, 0], right_any[:, 0])
        metrics["dev_ece_candidates"] = ece(confidence.ravel(), right_any.ravel())
    if refusal is not None:
        metrics["dev_false_acceptance_bound"] = refusal.bound
        metrics["dev_false_rejection"] = refusal.false_rejection
    return DevFigures(calibration, refusal, no_refusal, metrics)


def _among(numbers: npt.NDArray[np.int32], ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which of `numbers` [N, k] are among the row's `ids` [N, m] (number + 1, 0 = padding): bool [N, k]."""
    found: npt.NDArray[np.bool_] = (numbers[:, :, None] + 1 == ids[:, None, :]).any(axis=-1)
    return found
