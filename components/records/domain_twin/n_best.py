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
    """Readings of the words of a request under one mask, the likelier first, at most `TAGGINGS`.

    Attributes:
        scores: Log-probability of each, below `IMPOSSIBLE` / 2 where there is no such reading.
        units: The unit that each word belongs to, [W].
        first: Kinds of the words in the first reading, [W].
        changes: The unit that each further reading gives another kind, and that kind.
    """

    scores: list[float]
    units: Ints
    first: Ints
    changes: list[tuple[int, int]]

    def kinds(self, place: int) -> Ints:
        """Kinds of the words in a reading, [W]."""
        if place == 0:
            return self.first
        unit, kind = self.changes[place - 1]
        return np.where(self.units == unit, kind, self.first)


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
    logs = log_softmax(np.minimum(np.maximum(intents, -LARGEST), LARGEST)).tolist()
    place: dict[bytes, int] = {}  # equal masks are tagged once
    chosen: list[
        list[tuple[int, int]]
    ] = []  # for each skill: its likeliest intents, and the places of their masks
    masks: list[Bools] = []
    for own, allowed in zip(declared, kinds, strict=True):
        looked_at = []
        for intent in sorted(own.nonzero()[0].tolist(), key=lambda intent: -logs[intent])[:INTENTS]:
            at = place.setdefault(allowed[intent].tobytes(), len(masks))
            if at == len(masks):
                masks.append(allowed[intent])
            looked_at.append((intent, at))
        chosen.append(looked_at)
    tagged = taggings(tags, np.array(masks)) if len(tags) else [_WORDLESS] * len(masks)
    return [_likeliest(logs, [(intent, tagged[at]) for intent, at in looked_at]) for looked_at in chosen]


def _likeliest(logs: list[float], looked_at: Sequence[tuple[int, Taggings]]) -> list[Reading]:
    """The readings of one skill, from those of its intents."""
    joint = [
        (logs[intent] + score, intent, words, at)
        for intent, words in looked_at
        for at, score in enumerate(words.scores)
    ]
    joint.sort(key=lambda one: -one[0])
    least = max(joint[0][0] - MARGIN, IMPOSSIBLE / 2)
    return [
        Reading(
            intent,
            max(logs[intent], LEAST),
            max(words.scores[at] / max(len(words.units), 1), LEAST),
            words.kinds(at),
            words.units,
        )
        for score, intent, words, at in joint[:READINGS]
        if score >= least
    ]


_WORDLESS = Taggings([0.0], np.zeros(0, np.int64), np.zeros(0, np.int64), [])


def log_softmax(values: Floats) -> Floats:
    """Over the last axis."""
    ahead = values - values.max(axis=-1, keepdims=True)
    log: Floats = ahead - np.log(np.exp(ahead).sum(axis=-1, keepdims=True))
    return log


def taggings(tags: Floats, masks: Bools) -> list[Taggings]:
    """The readings of the words of a request under each mask.

    Shapes: W words (at least 1), S slots, C masks, U units of all masks.

    Args:
        tags: Scores of the tags, float32 [W, 1 + 2S]: outside, the first words of all slots, the following
            words of all slots.
        masks: The kinds allowed, bool [C, 1 + S], kind 0 always.
    """
    least = np.float32(IMPOSSIBLE)
    words, slots = len(tags), masks.shape[1] - 1
    allowed = np.concatenate([masks, masks[:, 1:]], axis=1)  # [C, 1 + 2S]
    possible = np.minimum(np.maximum(tags, -LARGEST), LARGEST)
    logs = np.maximum(log_softmax(np.where(allowed[:, None], possible, least)), least)  # [C, W, 1 + 2S]
    begin = logs[..., : 1 + slots]  # [C, W, 1 + S]
    follow = np.concatenate([logs[..., :1], logs[..., 1 + slots :]], axis=-1)
    rough = np.maximum(begin, follow).argmax(axis=-1)  # [C, W]
    first = (begin > follow)[np.arange(len(masks))[:, None], np.arange(words), rough]
    first |= rough == 0
    first[:, 1:] |= rough[:, 1:] != rough[:, :-1]
    first[:, 0] = True
    likely = np.where(first[..., None], begin, follow).reshape(-1, 1 + slots)  # [C·W, 1 + S]
    starts = first.ravel().nonzero()[0]
    sums = np.maximum(np.add.reduceat(likely, starts), least)  # [U, 1 + S]
    every = np.arange(len(starts))
    best = sums.argmax(axis=-1)  # [U]
    now = sums[every, best]
    sums[every, best] = 2 * least
    other = sums.argmax(axis=-1)
    costs = (sums[every, other] - now).tolist()
    units = first.cumsum(axis=-1) - 1  # [C, W]
    ends = (units[:, -1] + 1).cumsum().tolist()
    begins = [0, *ends[:-1]]
    bases = np.add.reduceat(now, begins).tolist()
    found = []
    for row, (start, end, base) in enumerate(zip(begins, ends, bases, strict=True)):
        cheapest = sorted(range(start, end), key=lambda unit: -costs[unit])[:CHANGES]
        further = [base + (costs[unit] if costs[unit] > IMPOSSIBLE / 2 else IMPOSSIBLE) for unit in cheapest]
        found.append(
            Taggings(
                [base, *further],
                units[row],
                best[start:end][units[row]],
                [(unit - start, int(other[unit])) for unit in cheapest],
            )
        )
    return found
