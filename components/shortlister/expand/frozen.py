"""Requests as a fit of new skills sees them: by their utterance vectors, with the lists of the time after."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from components.shortlister.expand.features import Features
from components.shortlister.ragged import Ints, Ragged

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FrozenRequests:
    """Requests by their utterance vectors [N, H], skills [N], enabled lists and weights [N]."""

    utterance: Floats
    skill: Ints
    lists: Ragged
    weight: Floats

    def __len__(self) -> int:
        return len(self.skill)

    def joined(self, other: "FrozenRequests") -> "FrozenRequests":
        """These, then `other`."""
        return FrozenRequests(
            np.concatenate([self.utterance, other.utterance]),
            np.concatenate([self.skill, other.skill]),
            Ragged.join([self.lists, other.lists]),
            np.concatenate([self.weight, other.weight]),
        )


def reservoir(features: Features, *, protect: float, most: int | None = None) -> FrozenRequests:
    """The kept requests of old skills, weighted to stand for all of them, `protect` times over.

    Args:
        features: Of the old skills.
        protect: How much a request of an old skill counts beside one of a new skill.
        most: Requests at most, drawn at random and weighted to stand for the others too; None: all.
    """
    kept = np.bincount(features.skill, minlength=len(features))
    stands_for = (features.requests / np.maximum(kept, 1))[features.skill]
    rows, count = np.arange(len(stands_for)), len(stands_for)
    if most is not None and count > most:
        rows = np.sort(np.random.default_rng(0).choice(count, most, replace=False))
    each_for = stands_for.sum() / max(float(stands_for[rows].sum()), 1.0)
    weight = protect * each_for * stands_for[rows]
    return FrozenRequests(
        features.utterance[rows], features.skill[rows], features.lists.take(rows), weight.astype(np.float32)
    )


def afterwards(
    requests: FrozenRequests,
    *,
    old: int,
    skills: int,
    newcomers: float,
    random_lists: float,
    rng: np.random.Generator,
) -> FrozenRequests:
    """The requests with the enabled lists that they have once the new skills are there.

    The kept requests of old skills come from before the new ones were there: as they stand, who has a new
    skill enabled always asks for it. So each of their lists that has a skill at all gets new ones,
    `newcomers` times as often as it has old ones. Then, as in training, some get another request's list.

    Args:
        requests: Of old skills (0 … old - 1) and new ones (old … skills - 1).
        newcomers: How often new skills are put into lists, beside how often lists have old skills; 0: never.
        random_lists: Share of the requests that get another's list.
    """
    count = len(requests)
    padded = requests.lists.pad(np.arange(count))  # [N, E]
    lengths = requests.lists.lengths
    before = (requests.skill < old) & (lengths > 0)
    rate = newcomers * lengths[before].mean() * (skills - old) / old if before.any() else 0.0
    number = np.where(before, np.minimum(rng.poisson(rate, count), skills - old), 0)
    extra = rng.integers(old + 1, skills + 1, (count, int(number.max(initial=0))))
    extra = np.where(np.arange(extra.shape[1]) < number[:, None], extra, 0)
    lists = Ragged.pack(np.concatenate([padded, extra], axis=1))
    owners = np.where(rng.random(count) < random_lists, rng.integers(0, count, count), np.arange(count))
    return replace(requests, lists=lists.take(owners))
