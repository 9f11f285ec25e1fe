"""Fits the weights of one domain's re-ranker, in milliseconds to seconds. Equal lists give equal weights."""

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy.optimize import minimize

from components.records.logistic import fit_logistic
from components.records.reranker import Reranker
from components.records.reranker_features import BIAS, TOGETHER
from components.reranker.lists import Floats, Lists
from components.reranker.losses import TERMS, cross_entropy, expected_semer

L2 = 0.5
"""Of the squared distance from R0, beside the sums over lists: as if each weight had been drawn from a normal
distribution around R0's with a deviation of 1. What few lists say of a context thus counts for little."""

_STEPS = 1000
_LEAST_SCALE = 0.01


def unweighted(features: Sequence[str]) -> Floats:
    """R0: σ(S) is the product of the three models' probabilities, and context counts nothing. [D]."""
    return np.array([float(name == TOGETHER) for name in features])


def fit_weights(lists: Lists, start: Floats, *, loss: str, l2: float = L2) -> Floats:
    """The weights [D] that make Σ loss + l2 · |weights - start|² least; by BFGS from `start`.

    R2 is convex, with one answer whatever the start. No lists at all give `start`.

    Args:
        loss: "R1", "R2" or "R3".
    """
    if loss not in TERMS:
        raise ValueError(f"`loss` must be one of {', '.join(TERMS)}. Received: loss={loss!r}")
    if l2 <= 0.0:
        raise ValueError(f"`l2` must be positive. Received: l2={l2}")
    if not len(lists):
        return start
    scale = 1.0 / len(lists)

    def cost(weights: Floats) -> tuple[float, Floats]:
        value, gradient = objective(lists, weights, start, loss=loss, l2=l2)
        return scale * value, scale * gradient

    options = {"maxiter": _STEPS, "gtol": 1e-7}
    found: Floats = minimize(cost, start, jac=True, method="BFGS", options=options).x
    return found


def objective(lists: Lists, weights: Floats, start: Floats, *, loss: str, l2: float) -> tuple[float, Floats]:
    """What `fit_weights` makes least, and its gradient [D]."""
    scores = np.einsum("nd,d->n", lists.features, weights)  # threads of BLAS would wait for each other
    away = weights - start
    value, gradient = l2 * float(away @ away), 2.0 * l2 * away
    for share, term in zip(TERMS[loss], (expected_semer, cross_entropy), strict=True):
        if share:
            part, slope = term(scores, lists)
            value, gradient = (
                value + share * part,
                gradient + share * np.einsum("nd,n->d", lists.features, slope),
            )
    return value, gradient


def fit(lists: Lists, features: Sequence[str], *, loss: str, own_share: float, l2: float = L2) -> Reranker:
    """A domain's re-ranker.

    Args:
        lists: Weighted to the declared prior, see `weights_to`.
        features: Names of the lists' features.
        loss: "R0" to "R3".
        own_share: The declared prior.
    """
    start = unweighted(features)
    weights = start if loss == "R0" else fit_weights(lists, start, loss=loss, l2=l2)
    return Reranker(
        loss=loss,
        features=tuple(features),
        weights=tuple(weights.tolist()),
        own_share=own_share,
        lists=len(lists),
    )


def calibrated(reranker: Reranker, lists: Lists) -> Reranker:
    """The same weights at another scale and level, so that the best hypothesis of a list is right as often as
    it says. The order within a list stays.

    Expected SemER wants the best hypothesis of a list far ahead of the others, surer than it is; fitted by
    likelihood, scale and level put that right. Little data changes little: both lean to 1 and 0 as weights
    lean to R0's.

    Raises:
        ValueError: The re-ranker has no bias.
    """
    if BIAS not in reranker.features:
        raise ValueError(f"`features` must have a bias. Received: {reranker.features}")
    if not len(lists):
        return reranker
    weights = np.array(reranker.weights)
    scores = lists.features @ weights
    best = lists.best(scores)
    scores, right = scores[best], lists.right[best].astype(np.float64)  # [L]
    level = np.ones((len(best), 1))
    design = np.column_stack([scores, level])
    change, shift = fit_logistic(design, right, scores, ridge=2.0 * L2, weight=lists.weight)
    scale = 1.0 + change
    if scale < _LEAST_SCALE:  # an order is never turned round
        scale = _LEAST_SCALE
        (shift,) = fit_logistic(level, right, scale * scores, ridge=2.0 * L2, weight=lists.weight)
    weights *= scale
    weights[reranker.features.index(BIAS)] += shift
    return msgspec.structs.replace(reranker, weights=tuple(weights.tolist()))
