"""The losses of the attention over enabled skills: it is to find the right one, and to keep what it knew.

Kim & Kim (2018), https://arxiv.org/abs/1812.07546, for the sigmoid form:
L_a = -Σ_e [y_e log a_e + (1 - y_e) log(1 - a_e)], and L_d the same with ã_e = σ(score / T) of an earlier
epoch for y_e. For the softmax form, which the paper does not supervise, they are the cross-entropies of its
one choice: to the right skills where the list has any, and to the tempered choice of the earlier epoch.

Shapes: B batch, E enabled skills (padded), P right skills (padded). `scores` float32 [B, E] are those of
`EnabledAttention`, `enabled` int [B, E] and `right` int [B, P] are skill numbers + 1, 0 = padding. All is
finite for finite scores; a customer with nothing enabled costs 0.
"""

from typing import Any

from keras import ops

from components.shortlister.loss import LEAST


def supervised_attention(scores: Any, enabled: Any, right: Any, known: Any, *, form: str) -> Any:
    """L_a of each request: float [B].

    Args:
        known: bool [B], whether `right` tells all that is right (also that nothing is); else it costs 0.
        form: "softmax" or "sigmoid".
    """
    real = enabled > 0  # [B, E]
    hit = ops.any(ops.equal(enabled[:, :, None], right[:, None, :]), axis=-1) & real  # [B, E]
    if form == "sigmoid":
        each = ops.softplus(ops.where(hit, -scores, scores))
        loss = ops.sum(ops.where(real, each, 0.0), axis=-1)
    else:
        total = ops.logsumexp(ops.where(real, scores, LEAST), axis=-1)
        found = ops.logsumexp(ops.where(hit, scores, LEAST), axis=-1)
        loss = ops.where(ops.any(hit, axis=-1), total - found, 0.0)
    return ops.where(known, loss, 0.0)


def distilled_attention(scores: Any, teacher: Any, enabled: Any, *, temperature: float, form: str) -> Any:
    """L_d of each request, the teacher tempered and not the student, as printed: float [B]."""
    real = enabled > 0  # [B, E]
    teacher = ops.stop_gradient(teacher) / temperature
    if form == "sigmoid":
        soft = ops.sigmoid(teacher)
        each = soft * ops.softplus(-scores) + (1.0 - soft) * ops.softplus(scores)
    else:
        soft = ops.softmax(ops.where(real, teacher, LEAST), axis=-1)
        total = ops.logsumexp(ops.where(real, scores, LEAST), axis=-1, keepdims=True)
        each = soft * (total - scores)
    return ops.sum(ops.where(real, each, 0.0), axis=-1)
