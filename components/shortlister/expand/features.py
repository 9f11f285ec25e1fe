"""What a training keeps so that skills can be added later without its data: frozen features."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.shortlister.ragged import Ints, Ragged

FEATURES = "features.npz"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """Utterance vectors of the skills of one network, and some of each skill's requests.

    Shapes: K skills, H utterance vector, N kept requests.

    Attributes:
        mean: float [K, H], mean utterance vector of the skill's training requests; 0 where it has none.
        text: float [K, H], mean utterance vector of its name, description and examples.
        requests: int [K], training requests.
        enabled: int [K], training requests whose list has the skill; 0 for a skill whose embedding was not
            trained.
        utterance: float [N, H], of the kept requests.
        skill: int [N], their skills' numbers, ascending.
        lists: Their enabled skills, number + 1.
    """

    mean: Floats
    text: Floats
    requests: Ints
    enabled: Ints
    utterance: Floats
    skill: Ints
    lists: Ragged

    def __len__(self) -> int:
        return len(self.requests)

    def joined(self, other: "Features") -> "Features":
        """These skills, then `other`'s; the lists of both name skills by their joint numbers."""
        return Features(
            **{
                name: np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("mean", "text", "requests", "enabled", "utterance")
            },
            skill=np.concatenate([self.skill, other.skill + len(self)]),
            lists=Ragged.join([self.lists, other.lists]),
        )

    def without(self, removed: npt.NDArray[np.int64]) -> "Features":
        """Without the skills of these numbers; the others move up, lists lose the removed ones."""
        kept = np.delete(np.arange(len(self)), removed)
        place = np.zeros(len(self) + 1, np.int32)  # old number + 1 to new number + 1, 0 = gone
        place[kept + 1] = np.arange(1, len(kept) + 1)
        rows = np.flatnonzero(place[self.skill + 1])
        return dataclasses.replace(
            self,
            **{name: getattr(self, name)[kept] for name in ("mean", "text", "requests", "enabled")},
            utterance=self.utterance[rows],
            skill=place[self.skill[rows] + 1] - 1,
            lists=Ragged.pack(place[self.lists.pad(rows)]),
        )


def save_features(path: Path, features: Features) -> None:
    """Writes the features; float16 is as exact as a later expansion needs."""
    arrays = {f.name: getattr(features, f.name) for f in dataclasses.fields(features) if f.name != "lists"}
    for name in ("mean", "text", "utterance"):
        arrays[name] = arrays[name].astype(np.float16)
    np.savez(path, list_values=features.lists.values, list_starts=features.lists.starts, **arrays)


def load_features(path: Path) -> Features:
    """The inverse of `save_features`.

    Raises:
        FileNotFoundError: There is no such file: the model was trained before features were kept.
    """
    with np.load(path) as found:
        vectors = {name: found[name].astype(np.float32) for name in ("mean", "text", "utterance")}
        return Features(
            **vectors,
            **{name: found[name] for name in ("requests", "enabled", "skill")},
            lists=Ragged(found["list_values"], found["list_starts"]),
        )
