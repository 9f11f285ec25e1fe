"""What a domain's re-ranker is fitted to: R1, R2 and R3 of Su et al. (2018), with their gradients.

https://arxiv.org/abs/1809.09605; the formulas are a reconstruction from what is published of it.
R1, expected SemER: Σ_j P_j · SemER_j with P the softmax of the scores over the domain's own list. A constant
added to all scores of a list changes nothing, so that R1 says which hypothesis of its domain comes first, and
nothing of how it compares with another domain's. R2, cross-entropy: σ(S_j) is to be the probability that
hypothesis j is right, which compares with anything. R3 is the sum of both.

Both average within a list, so that a request counts once however many hypotheses it has.
Shapes: N hypotheses, L lists.
"""

import numpy as np

from components.records.logistic import sigmoid
from components.reranker.lists import Floats, Lists

TERMS = {"R1": (1.0, 0.0), "R2": (0.0, 1.0), "R3": (1.0, 1.0)}
"""How much expected SemER and cross-entropy count."""


def expected_semer(scores: Floats, lists: Lists) -> tuple[float, Floats]:
    """Σ over the lists of the domain's own requests of weight · expected SemER, and its gradient [N].

    Hypotheses without a SemER are left out of the softmax. A list of one has no gradient; a list of which
    nothing is known, and one of a foreign request, counts nothing. Scores of any finite size are safe.
    """
    known = ~np.isnan(lists.semer) & lists.spread(lists.own.astype(np.float64)).astype(bool)  # [N]
    semer = np.where(known, lists.semer, 0.0)
    level = np.where(known, scores, -np.inf)
    best = lists.most(level)  # [L]
    shifted = np.where(known, scores - lists.spread(np.where(np.isfinite(best), best, 0.0)), 0.0)
    odds = np.where(known, np.exp(shifted), 0.0)  # [N], 1 for the best
    share = odds / lists.spread(np.maximum(lists.total(odds), 1.0))
    expected = lists.total(share * semer)  # [L]
    gradient = lists.spread(lists.weight) * share * (semer - lists.spread(expected))
    return float(np.sum(lists.weight * expected)), gradient


def cross_entropy(scores: Floats, lists: Lists) -> tuple[float, Floats]:
    """Σ over all lists of weight · mean over the list of -log p(what is), and its gradient [N].

    Scores of any finite size are safe.
    """
    weight = lists.spread(lists.weight / np.maximum(lists.sizes, 1))  # [N]
    loss = np.logaddexp(0.0, scores) - lists.right * scores
    return float(np.sum(weight * loss)), weight * (sigmoid(scores) - lists.right)
