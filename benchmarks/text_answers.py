"""What a system says of a set's test requests, and what that comes to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from components.records.calibration import ece
from components.records.logistic import confidences, fit_best

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """What a system's scores of one split look like.

    Attributes:
        predicted: [N], the best skill of each in-scope request.
        scores: [N, 2], its score and that of the next best; any increasing measure of trust.
        inside, outside: [N] and [M], how surely no skill can serve the in-scope and out-of-scope requests.
    """

    predicted: Ints
    scores: Floats
    inside: Floats
    outside: Floats

    @classmethod
    def of(cls, scores: Floats, outside: Floats) -> "Split":
        """From the scores of all skills, [N, K] and [M, K]; the best of them tells in from out."""
        best = np.sort(scores, axis=1)[:, :-3:-1]
        return cls(scores.argmax(axis=1), best, -best[:, 0], -outside.max(axis=1))


@dataclass(frozen=True)
class Figures:
    """What `Split`s of dev and test come to; `auroc` is None without out-of-scope requests."""

    right: npt.NDArray[np.bool_]
    dev_top1: float
    macro_f1: float
    ece: float
    auroc: float | None


def figures(dev: Split, test: Split, gold_dev: Ints, gold_test: Ints) -> Figures:
    """Top-1, macro-F1, the ECE of the best answer as calibrated on dev (15 bins), the AUROC of refusal."""
    map_ = fit_best(dev.scores, dev.predicted == gold_dev)
    right = test.predicted == gold_test
    refusal = np.concatenate([test.inside, test.outside])
    is_outside = np.repeat([0, 1], [len(test.inside), len(test.outside)])
    return Figures(
        right=right,
        dev_top1=float(np.mean(dev.predicted == gold_dev)),
        macro_f1=float(f1_score(gold_test, test.predicted, average="macro")),
        ece=ece(confidences(map_, test.scores)[:, 0], right),
        auroc=float(roc_auc_score(is_outside, refusal)) if len(test.outside) else None,
    )
