"""The likeliest readings of requests in the exported graph; `records.domain_twin.n_best` says how."""

from typing import Any, NamedTuple

import tensorflow as tf

from components.records.domain_schema import DomainSchema
from components.records.domain_twin.n_best import (
    CHANGES,
    IMPOSSIBLE,
    INTENTS,
    LARGEST,
    LEAST,
    MARGIN,
    READINGS,
    TAGGINGS,
)


class Readings(NamedTuple):
    """N readings of each candidate, the likelier first.

    Shapes: B requests, k candidates, N at most `READINGS`, W words.

    Attributes:
        number: How many there are, int32 [B, k]; 0 for a skill that is not known.
        intents: Numbers, int32 [B, k, N].
        intent_scores, slot_scores: float32 [B, k, N], not below `LEAST`.
        kinds: Of each word, int32 [B, k, N, W].
        units: The unit that each word belongs to, int32 [B, k, N, W].
    """

    number: Any
    intents: Any
    intent_scores: Any
    slot_scores: Any
    kinds: Any
    units: Any


def n_best(schema: DomainSchema, intents: Any, tags: Any, real: Any, skills: Any) -> Readings:
    """The readings of each candidate.

    Args:
        intents: Scores of the intents, float32 [B, I].
        tags: Scores of the words' tags, float32 [B, W, 1 + 2S].
        real: Whether there is a word, bool [B, W]; words come first.
        skills: Number of each candidate, int32 [B, k]; K = not known.
    """
    short = tf.maximum(CHANGES - tf.shape(tags)[1], 0)
    tags = tf.pad(tags, [[0, 0], [0, short], [0, 0]])
    real = tf.pad(real, [[0, 0], [0, short]])
    declared = tf.constant(schema.intent_mask())  # [K, I]
    kinds = tf.constant(schema.kind_mask())  # [K, I, 1 + S]
    row = tf.minimum(skills, len(schema.skill_ids) - 1)
    known = skills < len(schema.skill_ids)
    allowed = tf.gather(declared, row) & known[..., None]  # [B, k, I]
    possible = tf.where(
        allowed, tf.nn.log_softmax(tf.clip_by_value(intents, -LARGEST, LARGEST))[:, None], IMPOSSIBLE
    )
    looked_at = min(INTENTS, len(schema.intents))
    intent_logs, chosen = tf.math.top_k(possible, looked_at)  # [B, k, P]
    masks = tf.gather_nd(kinds, tf.stack([tf.broadcast_to(row[..., None], tf.shape(chosen)), chosen], -1))
    tagged = _taggings(tags, real, masks)  # [B, k, P, A], …
    joint = intent_logs[..., None] + tagged.score  # [B, k, P, A]
    batch, width = tf.unstack(tf.shape(skills))
    readings = min(READINGS, looked_at * TAGGINGS)
    joint, order = tf.math.top_k(tf.reshape(joint, [batch, width, looked_at * TAGGINGS]), readings)
    counts = (joint > IMPOSSIBLE / 2) & (joint >= joint[..., :1] - MARGIN)
    place = order // TAGGINGS  # [B, k, N], among the intents looked at
    words = tf.maximum(tf.reduce_sum(tf.cast(real, tf.float32), -1), 1.0)[:, None, None]
    length = tf.shape(tags)[1]
    all_kinds = tf.reshape(tagged.kinds, [batch, width, looked_at * TAGGINGS, length])
    slot_logs = tf.gather(tf.reshape(tagged.score, [batch, width, -1]), order, batch_dims=2)
    return Readings(
        number=tf.reduce_sum(tf.cast(counts, tf.int32), -1),
        intents=tf.gather(chosen, place, batch_dims=2),
        intent_scores=tf.maximum(tf.gather(intent_logs, place, batch_dims=2), LEAST),
        slot_scores=tf.maximum(slot_logs / words, LEAST),
        kinds=tf.gather(all_kinds, order, batch_dims=2),
        units=tf.gather(tagged.units, place, batch_dims=2),
    )


class _Taggings(NamedTuple):
    """As `components.records.domain_twin.n_best.Taggings`, with units in place of their first words."""

    score: Any
    kinds: Any
    units: Any


def _taggings(tags: Any, real: Any, masks: Any) -> _Taggings:
    """The readings of the words: [B, k, P, A], kinds [B, k, P, A, W], units [B, k, P, W]."""
    slots = masks.shape[-1] - 1
    both = tf.concat([masks, masks[..., 1:]], -1)[..., None, :]  # [B, k, P, 1, 1 + 2S]
    possible = tf.clip_by_value(tags, -LARGEST, LARGEST)[:, None, None]
    logs = tf.nn.log_softmax(tf.where(both, possible, IMPOSSIBLE))  # [B, k, P, W, 1 + 2S]
    nothing = tf.concat([[0.0], tf.fill([slots], IMPOSSIBLE)], 0)
    is_word = real[:, None, None, :, None]
    begin = tf.where(is_word, tf.maximum(logs[..., : 1 + slots], IMPOSSIBLE), nothing)  # [B, k, P, W, 1 + S]
    follow = tf.concat([logs[..., :1], logs[..., 1 + slots :]], -1)
    follow = tf.where(is_word, tf.maximum(follow, IMPOSSIBLE), nothing)
    rough = tf.argmax(tf.maximum(begin, follow), -1, output_type=tf.int32)  # [B, k, P, W]
    begins = tf.gather(begin - follow, rough, batch_dims=4) > 0
    cut = (rough[..., 1:] != rough[..., :-1]) | (rough[..., 1:] == 0) | begins[..., 1:]
    first = tf.concat([tf.ones_like(begins[..., :1]), cut], -1)  # [B, k, P, W]
    likely = tf.where(first[..., None], begin, follow)
    units = tf.cumsum(tf.cast(first, tf.int32), -1) - 1  # [B, k, P, W]
    belongs = units[..., None, :] == tf.range(tf.shape(units)[-1])[:, None]  # [B, k, P, U, W]
    sums = tf.maximum(tf.matmul(tf.cast(belongs, tf.float32), likely), IMPOSSIBLE)  # [B, k, P, U, 1 + S]
    best = tf.argmax(sums, -1, output_type=tf.int32)  # [B, k, P, U]
    now = tf.reduce_max(sums, -1)
    sums = tf.where(tf.one_hot(best, 1 + slots, True, False), 2 * IMPOSSIBLE, sums)
    other = tf.argmax(sums, -1, output_type=tf.int32)
    cost = tf.reduce_max(sums, -1) - now
    exists = tf.reduce_any(belongs, -1)
    cost = tf.where(exists & (cost > IMPOSSIBLE / 2), cost, IMPOSSIBLE)
    base = tf.reduce_sum(tf.where(exists, now, 0.0), -1)  # [B, k, P]
    kinds = tf.gather(best, units, batch_dims=3)  # [B, k, P, W]
    costs, order = tf.math.top_k(cost, CHANGES)  # [B, k, P, A - 1]
    to = tf.gather(other, order, batch_dims=3)
    changed = tf.where(units[..., None, :] == order[..., None], to[..., None], kinds[..., None, :])
    return _Taggings(
        tf.concat([base[..., None], base[..., None] + costs], -1),
        tf.concat([kinds[..., None, :], changed], -2),
        units,
    )
