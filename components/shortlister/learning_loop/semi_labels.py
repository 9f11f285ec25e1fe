"""Labels for requests that have none: what the trained, calibrated model is sure of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.records.logistic import confidences
from components.records.manifest import Calibration
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.learning_loop.confident import confidence_for
from components.shortlister.loss import NO_SKILL
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ints


@dataclass(frozen=True)
class SemiLabels:
    """What became of the M requests without a label.

    Attributes:
        unlabelled: M.
        threshold: Confidence that an answer must reach; infinity where dev promises nothing.
        rows: Rows of the corpus that got a label, [L].
        skills: Their labels, [L].
        confidence: How sure the model is of each, [L].
    """

    unlabelled: int
    threshold: float
    rows: Rows
    skills: Ints
    confidence: npt.NDArray[np.float64]


def semi_labels(
    scorer: Scorer, calibration: Calibration, corpus: Corpus, dev: Corpus, *, precision: float
) -> SemiLabels:
    """The answers for requests of which nothing is known, from the confidence that dev's answers ask for.

    Args:
        scorer: Of the trained network.
        calibration: Fitted on dev.
        corpus: Requests; those with a label, a failed skill or an out-of-scope verdict are passed over.
        dev: Chooses the threshold. Any right skill counts as right; out-of-scope requests count as wrong.
        precision: Share of the labels that must be right, by `confidence_for`.
    """
    known = np.flatnonzero((dev.skill != NO_SKILL) | (dev.also_correct.lengths > 0) | dev.out_of_scope)
    guesses, sure = _answers(scorer, calibration, dev, known)
    right = guesses == dev.skill[known]
    right |= (guesses[:, None] + 1 == dev.also_correct.pad(known)).any(axis=1)
    threshold = confidence_for(sure, right & ~dev.out_of_scope[known], precision=precision)

    nothing = (corpus.skill == NO_SKILL) & (corpus.negative == NO_SKILL) & ~corpus.out_of_scope
    rows = np.flatnonzero(nothing)
    skills, confidence = _answers(scorer, calibration, corpus, rows)
    kept = confidence >= threshold
    return SemiLabels(len(rows), threshold, rows[kept], skills[kept], confidence[kept])


def _answers(
    scorer: Scorer, calibration: Calibration, corpus: Corpus, rows: Rows
) -> tuple[Ints, npt.NDArray[np.float64]]:
    """The best skill of each row and its confidence."""
    numbers, scores = scorer.top(corpus, rows, k=2)
    return numbers[:, 0], confidences(calibration, scores.astype(np.float64))[:, 0]
