"""The balanced loss of the skill heads, and what it does to their log-odds.

Kim et al. (2018), §3.3: L = -log p_y(in) - 1/(K-1) Σ_{d≠y} log p_d(out). Every other skill is a negative;
together they weigh as much as the one positive. So a head learns as if its skill had even odds, and its
log-odds lie log(K-1) above the true ones: `log_odds_shift` takes that off again.

With the weight 1/(K-1) each single rival hardly pushes back, so close skills stay unordered on small sets;
the ranking loss beside it, a softmax over the same log-odds, sets the right skill against its rivals. It
pulls the log-odds apart, so that they are a probability only after the calibration on dev.
"""

import math
from typing import Any

from keras import ops

NO_SKILL = -1
"""In place of a skill's number: there is none."""


def log_odds_shift(skills: int) -> float:
    """What to subtract from a head's log-odds among `skills` heads: log(K - 1), and 0 for a single skill.

    >>> round(log_odds_shift(1500), 2)
    7.31
    """
    return math.log(max(skills - 1, 1))


def balanced_loss(log_odds: Any, skill: Any, negative: Any, out_of_scope: Any) -> Any:
    """The loss of each request.

    Three kinds of request add up: one with a right `skill` (the formula above); one that is `out_of_scope`,
    a negative for all heads, mean over them; one with a `negative`, whose skill failed on it: -log p_d(out)
    of that head and nothing about the others. A request of none of these costs 0.

    Args:
        log_odds: float [B, K].
        skill: int [B], the right skill's number, or `NO_SKILL`.
        negative: int [B], the failed skill's number, or `NO_SKILL`.
        out_of_scope: bool [B].

    Returns: float [B], finite for any finite log-odds.
    """
    skills = log_odds.shape[-1]
    right = ops.one_hot(skill, skills, dtype=log_odds.dtype)  # [B, K], zeros for NO_SKILL
    failed = ops.one_hot(negative, skills, dtype=log_odds.dtype)  # [B, K]
    has_skill = ops.cast(ops.expand_dims(skill, -1) >= 0, log_odds.dtype)  # [B, 1]
    outside = ops.cast(ops.expand_dims(out_of_scope, -1), log_odds.dtype)  # [B, 1]
    others = has_skill * (1.0 - right) / max(skills - 1, 1) + outside / skills + failed
    positive = right * ops.softplus(-log_odds)
    return ops.sum(positive + others * ops.softplus(log_odds), axis=-1)  # [B]


def ranking_loss(log_odds: Any, skill: Any) -> Any:
    """-log softmax(log_odds)[skill] of each request: float [B]; 0 for a request without a right skill.

    Args:
        log_odds: float [B, K].
        skill: int [B], the right skill's number, or `NO_SKILL`.
    """
    right = ops.one_hot(skill, log_odds.shape[-1], dtype=log_odds.dtype)  # [B, K], zeros for NO_SKILL
    return -ops.sum(ops.where(right > 0, ops.log_softmax(log_odds, axis=-1), 0.0), axis=-1)
