"""How much each word speaks for each skill, as a sparse table that is read a word at a time."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.integer[Any]]


class WordTable(NamedTuple):
    """The skills of each word, word by word, ascending, no skill twice; most pairs of word and skill have no
    entry.

    Shapes: K skills, V word ids, N entries.

    Attributes:
        starts: int32 [V + 1], where the entries of each word begin; the last is N.
        skills: uint16 or, for more than 65,536 skills, int32 [N], their numbers.
        weights: float16 [N], what the word adds to the skill's score.
    """

    starts: npt.NDArray[np.int32]
    skills: Ids
    weights: npt.NDArray[np.float16]

    @classmethod
    def of(
        cls, words: Ids, owners: Ids, weights: npt.NDArray[Any], *, buckets: int, skills: int
    ) -> "WordTable":
        """From entries in any order.

        Args:
            words, owners, weights: The word, the skill and the weight of each entry, [N].
            buckets: V.
            skills: K, how many there are.
        """
        order = np.lexsort((owners, words))
        starts = np.searchsorted(words[order], np.arange(buckets + 1))
        return cls(
            starts.astype(np.int32),
            owners[order].astype(np.uint16 if skills <= 1 << 16 else np.int32),
            weights[order].astype(np.float16),
        )

    @classmethod
    def open(cls, stem: Path) -> "WordTable":
        """Maps the files that `write` left."""
        found = (np.load(f"{stem}.{name}.npy", mmap_mode="r") for name in cls._fields)
        return cls(*(array.view(np.ndarray) for array in found))

    def write(self, stem: Path) -> None:
        """Writes STEM.{starts,skills,weights}.npy."""
        for name, array in self._asdict().items():
            np.save(f"{stem}.{name}.npy", array)

    def words(self) -> npt.NDArray[np.int64]:
        """The word of each entry: [N]."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def scores(self, words: Iterable[int], skills: int) -> Floats:
        """What words add to the score of each of so many skills: float32 [K]; a word that comes twice adds
        twice."""
        total = np.zeros(skills, np.float32)
        for word in words:
            entries = slice(self.starts[word], self.starts[word + 1])
            np.add.at(total, self.skills[entries], self.weights[entries].astype(np.float32))
        return total
