"""How likely another skill than the labelled one is right too: a map of our own.

    P(d is right too | x) = σ(slope · s_d(x) - prior · log(1 + n_d) + intercept)

s_d is the skill's log-odds, n_d the number of train requests that it labels. How often a skill is a label
anyway is taken off its score (logit adjustment: Menon et al., 2021, https://arxiv.org/abs/2007.07314), by as
much as dev asks for: a label is one of the right skills, mostly a frequent one. The three numbers are fitted
to dev's `also_correct`.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.logistic import fit_logistic, sigmoid

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class LikelyRight(msgspec.Struct, frozen=True):
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
