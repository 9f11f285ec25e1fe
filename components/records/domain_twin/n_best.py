"""The likeliest readings of a request for a skill, from the scores of intents and of words' tags.

The exported graph does the same (`components.domain.n_best_graph`).

Words are cut into units: words in a row whose likeliest tags are of one slot, up to where one is likelier a
first word; a word outside slots is a unit of its own. Each unit then takes its likeliest kind as a whole, a
slot or none. Another reading gives one unit its second kind. So all tags of a reading fit each other, its
probability is their product, and no search over sequences is needed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

READINGS = 5
"""Readings of a skill at most."""
INTENTS = 3
"""Intents of a skill that are looked at."""
CHANGES = 2
"""Units that are changed one at a time, for every intent."""
TAGGINGS = 1 + CHANGES
"""Readings of an intent."""
MARGIN = 5.0
"""A reading whose log-probability is further behind the best of its skill is left out."""
LEAST = -20.0
"""Log-probabilities are cut here."""
IMPOSSIBLE = -1e9
"""The log-probability of what a skill does not declare."""
LARGEST = 1e6
"""Scores are cut here, so that none comes near what is impossible."""


class Taggings(NamedTuple):
    """Readings of the words under C masks, A ≤ `TAGGINGS` each, the likelier first.

    Attributes:
        score: Log-probability, below `IMPOSSIBLE` / 2 where there is no such reading: [C, A].
        kinds: Of each word: [C, A, W].
        units: The unit that each word belongs to: [C, W].
    """

    score: Floats
    kinds: Ints
    units: Ints


class Reading(NamedTuple):
    """One reading of a request for a skill.

    Attributes:
        intent: Number of the intent.
        intent_score: Its log-probability among all intents of the domain, not below `LEAST`.
        slot_score: Mean log-probability of the words' tags, not below `LEAST`; 0 where there is no word.
        kinds, units: Of each word: [W].
    """

    intent: int
    intent_score: float
    slot_score: float
    kinds: Ints
    units: Ints


def n_best(
    intents: Floats, tags: Floats, declared: Sequence[Bools], kinds: Sequence[Bools]
) -> list[list[Reading]]:
    """The readings of a request for some skills, the likelier first.

    Args:
        intents: Scores of the intents, [I].
        tags: Scores of the words' tags, [W, 1 + 2S]; see `taggings`.
        declared: For each skill the intents that it declares, [I], at least one.
        kinds: For each skill and intent the kinds of word allowed, [I, 1 + S].
    """
    logs = log_softmax(np.clip(intents, -LARGEST, LARGEST))
    chosen = []
    for mask in declared:
        order = np.argsort(np.where(mask, -logs, np.inf), kind="stable")[:INTENTS]
        chosen.append(order[mask[order]])
    masks = [mask[intent] for mask, order in zip(kinds, chosen, strict=True) for intent in order]
    tagged = taggings(tags, np.array(masks)) if len(tags) else _wordless(len(masks))
    readings = []
    end = 0
    for order in chosen:
        start, end = end, end + len(order)
        joint = (logs[order, None] + tagged.score[start:end]).ravel()  # [P·A]
        best = np.argsort(-joint, kind="stable")[:READINGS]
        best = best[(joint[best] > IMPOSSIBLE / 2) & (joint[best] >= joint[best[0]] - MARGIN)]
        per_intent = tagged.score.shape[1]
        readings.append(
            [
                Reading(
                    int(order[place // per_intent]),
                    max(float(logs[order[place // per_intent]]), LEAST),
                    max(
                        float(tagged.score[start + place // per_intent, place % per_intent])
                        / max(len(tags), 1),
                        LEAST,
                    ),
                    tagged.kinds[start + place // per_intent, place % per_intent],
                    tagged.units[start + place // per_intent],
                )
                for place in best.tolist()
            ]
        )
    return readings


def _wordless(masks: int) -> Taggings:
    return Taggings(
        np.zeros((masks, 1), np.float32), np.zeros((masks, 1, 0), np.int64), np.zeros((masks, 0), np.int64)
    )


def log_softmax(values: Floats) -> Floats:
    """Over the last axis."""
    ahead = values - values.max(axis=-1, keepdims=True)
    log: Floats = ahead - np.log(np.exp(ahead).sum(axis=-1, keepdims=True))
    return log


def taggings(tags: Floats, masks: Bools) -> Taggings:
    """The readings of the words of a request.

    Shapes: W words (at least 1), S slots, C masks.

    Args:
        tags: Scores of the tags, float32 [W, 1 + 2S]: outside, the first words of all slots, the following
            words of all slots.
        masks: The kinds allowed, bool [C, 1 + S], kind 0 always.
    """
    words, slots = len(tags), masks.shape[1] - 1
    allowed = np.concatenate([masks, masks[:, 1:]], axis=1)  # [C, 1 + 2S]
    logs = log_softmax(
        np.where(allowed[:, None], np.clip(tags, -LARGEST, LARGEST), np.float32(IMPOSSIBLE))
    )  # [C, W, 1 + 2S]
    begin = np.maximum(logs[..., : 1 + slots], np.float32(IMPOSSIBLE))  # [C, W, 1 + S], kind 0 as it is
    follow = np.concatenate([begin[..., :1], logs[..., 1 + slots :]], axis=-1)
    follow = np.maximum(follow, np.float32(IMPOSSIBLE))
    rough = np.maximum(begin, follow).argmax(axis=-1)  # [C, W]
    begins = np.take_along_axis(begin - follow, rough[..., None], axis=-1)[..., 0] > 0  # [C, W]
    first = np.ones_like(begins)
    first[:, 1:] = (rough[:, 1:] != rough[:, :-1]) | (rough[:, 1:] == 0) | begins[:, 1:]
    likely = np.where(first[..., None], begin, follow)  # [C, W, 1 + S]
    units = first.cumsum(axis=-1) - 1  # [C, W]
    belongs = (units[:, None] == np.arange(words)[:, None]).astype(np.float32)  # [C, U, W], U = W
    sums = np.maximum(belongs @ likely, np.float32(IMPOSSIBLE))  # [C, U, 1 + S]
    best = sums.argmax(axis=-1)  # [C, U]
    now = sums.max(axis=-1)
    np.put_along_axis(sums, best[..., None], np.float32(2 * IMPOSSIBLE), axis=-1)
    other = sums.argmax(axis=-1)  # [C, U]
    cost = sums.max(axis=-1) - now
    real = np.arange(words) <= units[:, -1:]
    cost = np.where(real & (cost > IMPOSSIBLE / 2), cost, np.float32(IMPOSSIBLE))
    base = np.where(real, now, np.float32(0.0)).sum(axis=-1)  # [C]
    kinds = np.take_along_axis(best, units, axis=-1)  # [C, W]
    changes = min(CHANGES, words)
    order = np.argsort(-cost, axis=-1, kind="stable")[:, :changes]  # [C, A - 1]
    to = np.take_along_axis(other, order, axis=-1)
    hit = units[:, None] == order[..., None]  # [C, A - 1, W]
    changed = np.where(hit, to[..., None], kinds[:, None])
    score = np.concatenate([base[:, None], base[:, None] + np.take_along_axis(cost, order, axis=-1)], axis=1)
    return Taggings(score, np.concatenate([kinds[:, None], changed], axis=1), units)
