"""The distance of a network's outputs from those of its best epoch.

Published for attention (Kim & Kim, 2018): cross-entropy to σ(teacher / T), T = 16, the teacher alone
tempered. With T = 16 every target is near 0.5, so that the smallest loss is not where the teacher is: it
un-learns (`tempered="teacher"`). Tempering both sides and scaling by T² (Hinton et al., 2015,
https://arxiv.org/abs/1503.02531) has its minimum at the teacher for any T (`tempered="both"`), and compares
what the heads' own loss compares: each skill alone, the choice among all of them, or both.
"""

from typing import Any

from keras import ops

from components.shortlister.loss import tempered_loss
from components.shortlister.options import ShortlisterOptions


def self_distillation_loss(
    scores: Any, teacher: Any, options: ShortlisterOptions, *, log_weights: Any | None = None
) -> Any:
    """The loss of each request: float [B].

    Args:
        scores, teacher: float [B, K], of the network and of the teacher; no gradient goes to the latter.
        options: Say what the heads' loss is, and in `learning_loop` what is tempered and how much.
        log_weights: float [K], logarithm of how many skills each column stands for; None: of one.
    """
    heads, loop = options.heads, options.learning_loop
    log_weights = ops.zeros_like(scores[0]) if log_weights is None else log_weights
    each = ops.exp(log_weights)  # [K]
    if heads != "sigmoid":
        each /= ops.sum(each)  # as the other skills count in `balanced_loss`
    if loop.tempered == "teacher":
        return ops.sum(each * tempered_loss(scores, teacher, temperature=loop.temperature), axis=-1)
    scores, teacher = scores / loop.temperature, ops.stop_gradient(teacher) / loop.temperature
    loss = 0.0
    if heads in ("two_class", "sigmoid"):
        loss += ops.sum(each * tempered_loss(scores, teacher, temperature=1.0), axis=-1)
    listwise = 1.0 if heads in ("softmax", "cosine") else options.ranking if heads == "two_class" else 0.0
    if listwise > 0.0:
        choice = ops.softmax(teacher + log_weights, axis=-1)
        total = ops.logsumexp(scores + log_weights, axis=-1, keepdims=True)
        loss += listwise * ops.sum(choice * (total - scores), axis=-1)
    return loop.temperature**2 * loss
