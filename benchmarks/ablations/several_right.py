"""Figures for requests of which several skills are right, though one is labelled.

Crediting any right skill, an answer is judged in two ways.

- The *set* is every skill whose score reaches a threshold, chosen on dev for micro-F1. It is compared with
  all right skills: pairs of request and skill. Macro-F1 is the mean over the skills predicted or right,
  sample-F1 the mean over requests.
- The *answer* is the best skill. It is right if it is any right skill; then the request counts for that
  skill, as if it were the label, else for the label. Micro-F1 over skills is the share of right answers.
  Macro-F1 is the mean of 2·TP / (predicted + counted) over the skills that are predicted or counted; nobody
  is blamed for answering with another right skill.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from components.shortlister.corpus import Corpus
from components.shortlister.predict import Scorer

_KEPT = 50  # best skills of a request that a set is chosen from
_FIRST = 5

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[Any]


@dataclass(frozen=True)
class Answers:
    """A model's best M skills for N requests.

    Attributes:
        numbers, scores: [N, M], best first.
        right: [N, M], whether each is a right skill.
        label: [N], the labelled skill.
        pair_row, pair_skill: [T], every right skill of every request.
        skills: Number of skills, K.
    """

    numbers: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    right: Bools
    label: npt.NDArray[np.int32]
    pair_row: npt.NDArray[np.int64]
    pair_skill: npt.NDArray[np.int64]
    skills: int

    @property
    def any_correct(self) -> Bools:
        """Whether the answer is a right skill: [N]."""
        return self.right[:, 0]

    @property
    def recall(self) -> Floats:
        """Share of the right skills, of five at most, among the first five: [N]."""
        count = np.bincount(self.pair_row, minlength=len(self.label))
        found: Floats = self.right[:, :_FIRST].sum(axis=1) / np.minimum(count, _FIRST)
        return found


def answers(scorer: Scorer, corpus: Corpus) -> Answers:
    """The answers to the requests of a corpus that have a right skill, in their order."""
    rows = corpus.scored
    numbers, scores = scorer.top(corpus, rows, k=_KEPT)
    label = corpus.skill[rows]
    also = corpus.also_correct.pad(rows).astype(np.int64) - 1  # [N, A], -1 = padding
    every = np.sort(np.concatenate([label[:, None], also], axis=1), axis=1)  # [N, 1 + A]
    every[:, 1:][every[:, 1:] == every[:, :-1]] = -1
    pair_row, place = np.nonzero(every >= 0)
    right = (numbers[:, :, None] == every[:, None, :]).any(axis=-1)
    return Answers(numbers, scores, right, label, pair_row, every[pair_row, place], scorer.skills)


def answer_macro_f1(found: Answers, weights: Floats | None = None) -> float:
    """Macro-F1 of the answers; `weights` [N] counts requests (a bootstrap's draws)."""
    weights = np.ones(len(found.label)) if weights is None else weights
    answer, right = found.numbers[:, 0], found.any_correct
    counted = np.where(right, answer, found.label)
    return _macro(
        np.bincount(answer, weights * right, found.skills),
        np.bincount(answer, weights, found.skills),
        np.bincount(counted, weights, found.skills),
    )


class Sets:
    """The sets of skills that reach a threshold, to be judged for many weights of the requests."""

    def __init__(self, found: Answers, threshold: float) -> None:
        self._found = found
        self._row, place = np.nonzero(found.scores >= threshold)
        self._skill, self._hit = found.numbers[self._row, place], found.right[self._row, place]
        count = len(found.label)
        hits, sizes = np.bincount(self._row, self._hit, count), np.bincount(self._row, minlength=count)
        right = np.bincount(found.pair_row, minlength=count)
        self._sample = 2 * hits / np.maximum(sizes + right, 1)  # [N]

    def f1(self, weights: Floats | None = None) -> tuple[float, float, float]:
        """Micro-, macro- and sample-F1."""
        found, row = self._found, self._row
        weights = np.ones(len(found.label)) if weights is None else weights
        true = np.bincount(self._skill, weights[row] * self._hit, found.skills)
        predicted = np.bincount(self._skill, weights[row], found.skills)
        right = np.bincount(found.pair_skill, weights[found.pair_row], found.skills)
        micro = 2 * true.sum() / max(float((predicted + right).sum()), 1e-9)
        sample = np.average(self._sample, weights=weights)
        return float(micro), _macro(true, predicted, right), float(sample)


def set_f1(found: Answers, threshold: float, weights: Floats | None = None) -> tuple[float, float, float]:
    """Micro-, macro- and sample-F1 of the sets of skills that reach the threshold."""
    return Sets(found, threshold).f1(weights)


def rescored(found: Answers, scores: Floats) -> Answers:
    """The same answers by other scores [N, M] of the same skills, best first again."""
    order = np.argsort(-scores, axis=1, kind="stable")
    return dataclasses.replace(
        found,
        numbers=np.take_along_axis(found.numbers, order, axis=1),
        scores=np.take_along_axis(scores, order, axis=1).astype(np.float32),
        right=np.take_along_axis(found.right, order, axis=1),
    )


def best_threshold(dev: Answers) -> float:
    """The score at which the sets of dev have the best micro-F1."""
    order = np.argsort(-dev.scores, axis=None, kind="stable")
    scores, hits = dev.scores.ravel()[order], dev.right.ravel()[order]
    last = np.append(scores[1:] != scores[:-1], True)
    f1 = 2 * np.cumsum(hits) / (np.arange(1, len(hits) + 1) + len(dev.pair_row))
    return float(scores[int(np.argmax(np.where(last, f1, -1.0)))])


def _macro(true: Counts, predicted: Counts, counted: Counts) -> float:
    total = predicted + counted
    present = total > 0
    return float(np.mean(2 * true[present] / total[present])) if present.any() else 0.0
