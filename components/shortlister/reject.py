"""The reject score: the log-odds that no skill of the catalogue can serve a request, and where to refuse.

A logistic model on four features of a request: its best score, the lead over the runner-up, the log Σ exp
of all scores (the negative energy of Liu et al. 2020, https://arxiv.org/abs/2010.03759), and the length of
the request vector. Where to refuse follows from a false-acceptance rate that is stated beforehand, by a
confidence bound on held-out requests: a point estimate of so few of them keeps its promise in about half of
the cases only.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops
from scipy.special import betaincinv

from components.records.logistic import Floats, fit_logistic
from components.records.manifest import Refusal

Ints = npt.NDArray[np.int64]

_FOLDS = 5
_FEATURES = 4


def reject_features(scores: Any, request: Any) -> Any:
    """Best score, lead over the runner-up (0 where there is none), log Σ exp, and length: float32 [B, 4].

    Args:
        scores: float [B, K].
        request: float [B, R], what the heads see.
    """
    best = ops.top_k(scores, min(2, scores.shape[-1]))[0]  # [B, 2], [B, 1] for a single skill
    length = ops.norm(ops.cast(request, scores.dtype), axis=-1)
    return ops.stack([best[:, 0], best[:, 0] - best[:, -1], ops.logsumexp(scores, axis=-1), length], axis=-1)


def reject_score(features: Any, refusal: Refusal) -> Any:
    """The log-odds that no skill can serve the request: float [B] from features [B, 4]."""
    weights = ops.convert_to_tensor(refusal.weights, "float32")
    return ops.sum(features * weights, axis=-1) + float(refusal.intercept)


def fit_refusal(
    inside: Floats, outside: Floats, *, false_acceptance: float, certainty: float
) -> Refusal | None:
    """Learns the reject score and its threshold.

    The threshold and both rates come from scores that are cross-fitted: each of five folds is scored by a
    model of the other four. The model that is kept has seen all.

    Args:
        inside: [N, 4], features of requests that a skill can serve.
        outside: [M, 4], features of requests that none can serve.
        false_acceptance: Share of the latter that may be accepted, in (0, 1).
        certainty: With which it stays below that, in (0, 1).

    Returns: None where either kind has fewer than two requests.
    """
    if len(inside) < 2 or len(outside) < 2:
        return None
    features = np.concatenate([inside, outside]).astype(np.float64)
    target = np.repeat([0.0, 1.0], [len(inside), len(outside)])
    folds = np.concatenate([np.arange(len(part)) % min(_FOLDS, len(outside)) for part in (inside, outside)])
    scores = np.zeros(len(features))
    for fold in np.unique(folds):
        held_out = folds == fold
        weights = _fit(features[~held_out], target[~held_out])
        scores[held_out] = features[held_out] @ weights[:_FEATURES] + weights[_FEATURES]
    threshold, bound = threshold_for(scores[target == 1.0], false_acceptance, certainty)
    best, lead, energy, length, intercept = map(float, _fit(features, target))
    return Refusal(
        weights=(best, lead, energy, length),
        intercept=intercept,
        threshold=threshold,
        false_acceptance=false_acceptance,
        certainty=certainty,
        bound=bound,
        false_rejection=float(np.mean(scores[target == 0.0] >= threshold)),
        out_of_scope=len(outside),
        in_scope=len(inside),
    )


def threshold_for(outside: Floats, false_acceptance: float, certainty: float) -> tuple[float, float]:
    """The highest threshold that keeps the promise on these reject scores [M], and the bound that it has.

    Accepted are scores below the threshold. With too few scores to promise as much the threshold is the
    lowest of them, and the bound says what that is worth.
    """
    ordered = np.sort(outside)
    counts = np.arange(len(ordered))
    kept = np.flatnonzero(acceptance_bound(counts, len(ordered), certainty) <= false_acceptance)
    threshold = float(ordered[kept.max(initial=0)])
    accepted = np.searchsorted(ordered, threshold)
    return threshold, float(acceptance_bound(accepted, len(ordered), certainty))


def acceptance_bound(accepted: Any, requests: int, certainty: float) -> Any:
    """Upper confidence bound of a share of which `accepted` of `requests` (more) were seen.

    Clopper & Pearson (1934), one-sided.

    >>> acceptance_bound(np.array([0, 4]), 100, 0.95).round(3).tolist()
    [0.03, 0.089]
    """
    return betaincinv(accepted + 1, requests - accepted, certainty)


def _fit(features: Floats, target: Floats) -> Floats:
    """Logistic weights of the features, then the intercept: [5]."""
    centre, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    design = np.column_stack([(features - centre) / scale, np.ones(len(features))])
    weights = fit_logistic(design, target, ridge=1.0)
    slopes = weights[:_FEATURES] / scale
    return np.append(slopes, weights[_FEATURES] - slopes @ centre)
