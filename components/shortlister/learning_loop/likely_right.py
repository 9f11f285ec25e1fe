"""Which other skills are right for a labelled request, and how likely each is: a rule of our own.

The published rule takes skills above the label. A model puts frequent skills there, so that frequent skills
gain labels and rare ones lose answers, even where every label is right. Here a skill need not be above the
label, and how often it is a label anyway is taken off its score (logit adjustment: Menon et al., 2021,
https://arxiv.org/abs/2007.07314), by as much as dev asks for:

    P(d is right too | x) = σ(slope · s_d(x) - prior · log(1 + n_d) + intercept)

s_d is the skill's log-odds, n_d the number of train requests that it labels. The three numbers are fitted to
dev's `also_correct`. The label itself is no candidate, neither in the fit nor after it: a model knows the
labels of train by heart and not those of dev, but scores the other skills alike on both.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.records.logistic import fit_logistic, sigmoid
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ints, Ragged

CANDIDATES = 20
"""A request's best skills that may be right too."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LikelyRight:
    """The map; see the module. All three numbers are 0 where dev names no further right skill."""

    slope: float = 0.0
    prior: float = 0.0
    intercept: float = 0.0

    def probability(self, scores: Floats, requests: Floats) -> Floats:
        """P of skills with these log-odds and so many labelled train requests; shapes alike. 0 of a map that
        dev says nothing to."""
        if self.slope <= 0.0:
            return np.zeros_like(scores)
        return sigmoid(self.slope * scores - self.prior * np.log1p(requests) + self.intercept)


@dataclass(frozen=True)
class LikelyLabels:
    """What the rule gives.

    Attributes:
        map: As fitted.
        labels: Number + 1 of the skills that are likely enough, one row a request of the corpus, best first.
        weight: float32, the probability of each, parallel to the values of `labels`.
    """

    map: LikelyRight
    labels: Ragged
    weight: npt.NDArray[np.float32]


def fit_likely_right(scores: Floats, requests: Floats, right: Bools) -> LikelyRight:
    """The map of greatest likelihood.

    Args:
        scores: [N], log-odds of candidates.
        requests: [N], how many train requests each candidate labels.
        right: [N], whether each is right.
    """
    if not right.any():
        return LikelyRight()
    columns = [scores, np.log1p(requests)]
    centres, scales = [c.mean() for c in columns], [max(c.std(), 1e-6) for c in columns]
    scaled = [(c - m) / s for c, m, s in zip(columns, centres, scales, strict=True)]
    fitted = fit_logistic(np.stack([*scaled, np.ones_like(scores)], axis=1), right.astype(np.float64))
    slope, prior = (float(w / s) for w, s in zip(fitted[:2], scales, strict=True))
    return LikelyRight(slope, -prior, float(fitted[2] - slope * centres[0] - prior * centres[1]))


def likely_labels(scorer: Scorer, corpus: Corpus, dev: Corpus, rows: Rows, *, likely: float) -> LikelyLabels:
    """The labels of the requests in `rows` that have a label already.

    Args:
        scorer: Of the trained network.
        corpus: What is trained on; all its rows get a row of labels.
        dev: The map is fitted to its labelled requests, if some has a further right skill.
        rows: Requests; the other rows of the corpus are text of other origin.
        likely: The least probability of a label.
    """
    rows = np.intersect1d(rows, corpus.scored)
    requests = np.bincount(corpus.skill[rows], minlength=scorer.skills).astype(np.float64)
    numbers, scores, other = _candidates(scorer, dev, dev.scored)
    right = (numbers[:, :, None] + 1 == dev.also_correct.pad(dev.scored)[:, None, :]).any(axis=-1)
    found = fit_likely_right(scores[other], requests[numbers][other], right[other])

    numbers, scores, other = _candidates(scorer, corpus, rows)
    probability = np.where(other, found.probability(scores, requests[numbers]), 0.0)
    kept = probability >= likely
    ids = np.zeros((len(corpus), numbers.shape[1]), np.int32)
    ids[rows] = np.where(kept, numbers + 1, 0)
    return LikelyLabels(found, Ragged.pack(ids), probability[kept].astype(np.float32))


def _candidates(scorer: Scorer, corpus: Corpus, rows: Rows) -> tuple[Ints, Floats, Bools]:
    """The best skills of each row, their log-odds, and whether each is another than the label: [rows, k]."""
    numbers, scores = scorer.top(corpus, rows, k=CANDIDATES)
    return numbers, scores.astype(np.float64), numbers != corpus.skill[rows, None]
