"""The losses of the skill heads, as formulas over scores, and what the balanced loss does to log-odds.

Kim et al. (2018), §3.3: L = -log p_y(in) - 1/(K-1) Σ_{d≠y} log p_d(out). Every other skill is a negative;
together they weigh as much as the one positive. So a head learns as if its skill had even odds, and its
log-odds lie log(K-1) above the true ones: `log_odds_shift` takes that off again. With a weight of 1 for each
other skill the same sum is the binary cross-entropy of Kim & Kim (2018), https://arxiv.org/abs/1812.07546.

With the weight 1/(K-1) each single rival hardly pushes back, so close skills stay unordered on small sets;
the ranking loss beside it, a softmax over the same log-odds, sets the right skill against its rivals. It
pulls the log-odds apart, so that they are a probability only after the calibration on dev.

Shapes: B batch, M scored skills (all K, or some that stand for all), P right skills of a request (padded).
A request's `right` skills are columns of the scores + 1, int [B, P], 0 = padding; `share` float [B, P] is how
much each counts, 0 for padding. `log_weights` float [M] is the logarithm of how many skills a column stands
for; a right skill stands for itself alone. All is float32 and finite for any finite scores.
"""

import math
from typing import Any

from keras import ops

NO_SKILL = -1
"""In place of a skill's number: there is none."""
LEAST = -3e38
"""A finite minus infinity in float32."""
_LEAST_CHANCE = 1e-6  # what float32 can tell from none


def log_odds_shift(skills: int) -> float:
    """What to subtract from a two-class head's log-odds among `skills` heads: log(K - 1), 0 for one skill.

    >>> round(log_odds_shift(1500), 2)
    7.31
    """
    return math.log(max(skills - 1, 1))


def of_columns(scores: Any, columns: Any) -> Any:
    """The scores of columns + 1: [B, P]; those of padding mean nothing."""
    return ops.take_along_axis(scores, ops.maximum(columns - 1, 0), axis=1)


def balanced_loss(scores: Any, right: Any, share: Any, *, others: Any, log_weights: Any | None = None) -> Any:
    """Σ_right share · -log p(in) + others · Σ_other -log p(out) of each request: float [B].

    Several right skills are as many positives: each head learns its own odds, whatever the others do. A skill
    that is right by a share is a negative by the rest.

    Args:
        others: float [B], weight of each other skill: 1/(K-1) for the balanced loss, 1 for the binary
            cross-entropy; a request without a right skill is a negative for all.
    """
    outside = ops.softplus(scores)  # [B, M], -log p(out)
    if log_weights is not None:
        outside = outside * ops.exp(log_weights)
    own = of_columns(scores, right)  # [B, P]
    rest = ops.sum(outside, axis=-1) - ops.sum(share * ops.softplus(own), axis=-1)
    return ops.sum(share * ops.softplus(-own), axis=-1) + others * ops.maximum(rest, 0.0)


def ranking_loss(scores: Any, right: Any, share: Any, *, log_weights: Any | None = None) -> Any:
    """-log of the label's softmax among itself and its rivals: float [B]; 0 for a request without a label.

    The label is the first of `right`. A further right skill is no rival by its share: it is neither pushed
    down nor pulled up here, and what the label must stay ahead of is what is wrong. (-log of the sum of all
    right skills' softmax lets the skill that leads already answer for the label: fine-tuned with it, skills
    whose requests others can serve too lost them.)
    """
    everything = scores if log_weights is None else scores + log_weights
    total = ops.logsumexp(everything, axis=-1)
    own = of_columns(scores, right)  # [B, P]
    chance = ops.exp(ops.minimum(own - total[:, None], 0.0))
    rivals = 1.0 - ops.sum(share[:, 1:] * chance[:, 1:], axis=-1)  # and the label
    rivals = ops.maximum(rivals, ops.maximum(chance[:, 0], _LEAST_CHANCE))
    loss = total - own[:, 0] + ops.log(rivals)
    return ops.where(share[:, 0] > 0.0, loss, 0.0)


def failed_loss(scores: Any, failed: Any, *, choice: bool, log_weights: Any | None = None) -> Any:
    """-log(1 - p) of the skill that failed, and nothing about the others: float [B], 0 where none failed.

    Args:
        failed: int [B], column + 1, 0 = none.
        choice: Whether p is the softmax over all skills, else the skill's own σ(score).
    """
    own = of_columns(scores, failed[:, None])  # [B, 1]
    if choice:
        if log_weights is not None:
            scores = scores + log_weights
        columns = ops.arange(1, scores.shape[-1] + 1, dtype="int32")
        rest = ops.where(ops.equal(columns, failed[:, None]), LEAST, scores)
        own = own[:, 0] - ops.logsumexp(rest, axis=-1)  # log-odds of the softmax
    else:
        own = own[:, 0]
    return ops.where(failed > 0, ops.softplus(own), 0.0)


def uniform_loss(scores: Any, *, log_weights: Any | None = None) -> Any:
    """Cross-entropy to the uniform choice, for a request that no skill is right for: float [B]."""
    if log_weights is None:
        return ops.logsumexp(scores, axis=-1) - ops.mean(scores, axis=-1)
    weights = ops.exp(log_weights)
    mean = ops.sum(weights * scores, axis=-1) / ops.sum(weights)
    return ops.logsumexp(scores + log_weights, axis=-1) - mean


def tempered_loss(scores: Any, teacher: Any, *, temperature: float) -> Any:
    """Binary cross-entropy of each score to the teacher's tempered one, σ(teacher / T): float [B, M].

    Kim & Kim (2018), L_d: the teacher alone is tempered.
    """
    soft = ops.stop_gradient(ops.sigmoid(teacher / temperature))
    return soft * ops.softplus(-scores) + (1.0 - soft) * ops.softplus(scores)
