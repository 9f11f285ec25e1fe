"""What a domain's network is trained to lower."""

from typing import Any, NamedTuple

from keras import ops

from components.domain.network import Scores

_IMPOSSIBLE = -1e9


class Targets(NamedTuple):
    """What the answers for a batch are compared with. Shapes: B batch, W words, T tags.

    Attributes:
        own: 1 for the domain's requests, 0 for foreign ones, float [B].
        intent: int [B], negative = unknown.
        tags: int [B, W], negative = unknown.
        allowed: Whether the request's skill and intent may have a tag, bool [B, T].
        all_tags: int [B, W], among those of all domains; negative = unknown.
        weight: How much a request counts, float [B].
    """

    own: Any
    intent: Any
    tags: Any
    allowed: Any
    all_tags: Any
    weight: Any


class Losses(NamedTuple):
    """Weighted means over the batch: of all its requests, of those with a known intent, of those with known
    tags, and of those whose tags are known among all domains'."""

    domain: Any
    intent: Any
    tags: Any
    all_tags: Any


def losses(scores: Scores, targets: Targets) -> Losses:
    """Cross-entropies of the domain (of two), the intent (of I) and the tags (summed over the words).

    A tag that the skill does not declare is no choice, for the model will not be asked for it: skills of a
    domain may call the same thing by different names. A part that no request of the batch teaches is 0.
    """
    own = targets.own
    weight = targets.weight
    domain = ops.mean(weight * (ops.softplus(scores.domain) - own * scores.domain))
    known = ops.cast(targets.intent >= 0, "float32")  # [B]
    picked = _picked(ops.log_softmax(scores.intents, axis=-1), targets.intent)  # [B]
    intent = -ops.sum(weight * known * picked) / ops.maximum(ops.sum(known), 1.0)
    fits = _picked(ops.cast(targets.allowed, "float32")[:, None], targets.tags)  # [B, W]
    possible = ops.where(targets.allowed[:, None], scores.tags, _IMPOSSIBLE)  # [B, W, T]
    tags = _summed(possible, targets.tags, ops.cast(targets.tags >= 0, "float32") * fits, weight)
    all_tags = ops.zeros(())
    if scores.all_tags is not None:
        taught = ops.cast(targets.all_tags >= 0, "float32")
        all_tags = _summed(scores.all_tags, targets.all_tags, taught, weight)
    return Losses(domain, intent, tags, all_tags)


def _summed(scores: Any, tags: Any, taught: Any, weight: Any) -> Any:
    """The cross-entropy of words' tags, summed over the words where `taught` [B, W] is 1: its weighted
    mean."""
    each = _picked(ops.log_softmax(scores, axis=-1), tags)  # [B, W]
    requests = ops.sum(ops.max(taught, axis=-1))
    return -ops.sum(weight[:, None] * ops.where(taught > 0, each, 0.0)) / ops.maximum(requests, 1.0)


def _picked(values: Any, numbers: Any) -> Any:
    """The value that each number (negative: the first) picks from the last axis."""
    chosen = ops.one_hot(ops.maximum(numbers, 0), ops.shape(values)[-1], dtype="float32")
    return ops.sum(ops.where(chosen > 0, values, 0.0), axis=-1)
