"""Micro and macro F1 of the best hypothesis' skill."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
POLICY = (
    "Macro F1 averages over the skills that are the answer or the prediction of at least one request of the "
    "slice; a skill that is never right has F1 0; skills absent from both are left out. A request with "
    "several right skills has the predicted one as its class where that is right, else skill_id. A request "
    "without any hypothesis is a miss of its class and a false alarm of none."
)


def micro_f1(hits: Counts, truths: Counts, predictions: Counts) -> float:
    """F1 over all classes pooled: 2·TP / (requests + predictions); 0 where both are empty.

    Args:
        hits: Right answers by class, int [C].
        truths: Requests of each class, int [C].
        predictions: Requests answered with each class, int [C].
    """
    total = truths.sum() + predictions.sum()
    return float(2.0 * hits.sum() / total) if total else 0.0


def macro_f1(hits: Counts, truths: Counts, predictions: Counts) -> float:
    """Mean F1 of the classes that occur (see `POLICY`); 0 where none does. Arguments as `micro_f1`."""
    total = truths + predictions  # [C]
    occurs = total > 0
    return float((2.0 * hits[occurs] / total[occurs]).mean()) if occurs.any() else 0.0
