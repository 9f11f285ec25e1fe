"""What HypRank learns: the order of a list, how sure it is of each hypothesis, and whether none is right.

Kim et al. (2018), https://arxiv.org/abs/1804.08064, compare a point-wise, a pair-wise and a list-wise loss.
A list may have several right answers (pseudo-labels): the list-wise loss wants one of them first and does
not set them against each other. Lists without a right answer say nothing of the order and cost 0 here; they
teach confidences, and whether none is right, as well as any.
Shapes: B lists, k hypotheses. `scores` float [B, k], finite; `right` and `mask` bool [B, k], `mask` False =
padding, or a hypothesis of which nobody knows whether it is right. Any finite scores are safe.
"""

from typing import Any

from keras import ops

LEAST = -3e38
"""A finite minus infinity in float32."""


def list_loss(scores: Any, right: Any, mask: Any) -> Any:
    """-log Σ_right softmax(scores) of each list: float [B].

    >>> import numpy as np
    >>> two_right = np.array([[True, True, False]])
    >>> float(list_loss(np.zeros((1, 3)), two_right, np.ones((1, 3), bool))[0]) # log(3 / 2)
    0.40546...
    """
    own = ops.logical_and(right, mask)
    everything = ops.logsumexp(ops.where(mask, scores, LEAST), axis=-1)
    loss = everything - ops.logsumexp(ops.where(own, scores, LEAST), axis=-1)
    return ops.where(ops.any(own, axis=-1), loss, 0.0)


def pair_loss(scores: Any, right: Any, mask: Any) -> Any:
    """Mean of log(1 + e^-(right - wrong)) over the pairs of each list: float [B]."""
    own, wrong = ops.logical_and(right, mask), ops.logical_and(ops.logical_not(right), mask)
    pairs = ops.cast(ops.logical_and(own[:, :, None], wrong[:, None, :]), scores.dtype)  # [B, k, k]
    loss = ops.softplus(scores[:, None, :] - scores[:, :, None])
    return ops.sum(pairs * loss, axis=(1, 2)) / ops.maximum(ops.sum(pairs, axis=(1, 2)), 1.0)


def point_loss(scores: Any, right: Any, mask: Any) -> Any:
    """Mean cross-entropy of σ(score) over the hypotheses of each list that has a right one: float [B]."""
    own = ops.logical_and(right, mask)
    return ops.where(ops.any(own, axis=-1), cross_entropy(scores, right, mask), 0.0)


def cross_entropy(log_odds: Any, right: Any, mask: Any) -> Any:
    """Mean cross-entropy of σ(log-odds) over the hypotheses of each list: float [B], 0 for an empty one."""
    real = ops.cast(mask, log_odds.dtype)
    loss = ops.where(right, ops.softplus(-log_odds), ops.softplus(log_odds))
    return ops.sum(real * loss, axis=-1) / ops.maximum(ops.sum(real, axis=-1), 1.0)


ORDER_LOSSES = {"list": list_loss, "pair": pair_loss, "point": point_loss}
