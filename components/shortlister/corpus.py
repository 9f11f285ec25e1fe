"""Labelled requests as arrays that a batch is cut from in no time; the text is encoded once."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ints, Ragged

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """N requests of one split. About 1 KB a request; each distinct word's characters are held once.

    Attributes:
        words, pairs, spelling: Encoded text, as `TextEncoder` gives it; `spelling` counts rows of `chars`.
        chars: uint8 [V + 1, C], characters of the corpus's distinct words after a first row of padding.
        grams: N-grams of each row of `chars`.
        enabled: Ids of the enabled skills (number + 1) that the catalogue has.
        also_correct: Ids of the other right skills; only calibration may read it.
        skill, negative: int32 [N], number of the right and of the failed skill, or `NO_SKILL`.
        out_of_scope: bool [N].
    """

    words: Ragged
    pairs: Ragged
    spelling: Ragged
    chars: npt.NDArray[np.uint8]
    grams: Ragged
    enabled: Ragged
    also_correct: Ragged
    skill: Ints
    negative: Ints
    out_of_scope: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.skill)

    @property
    def teaching(self) -> Rows:
        """The rows that a loss can use: those with a right skill, a failed one, or out of scope."""
        return np.flatnonzero((self.skill != NO_SKILL) | (self.negative != NO_SKILL) | self.out_of_scope)

    @property
    def scored(self) -> Rows:
        """The rows with a right skill: those that accuracy is measured on."""
        return np.flatnonzero(self.skill != NO_SKILL)

    def learnable_from(self, train: "Corpus") -> "Corpus":
        """Without the requests whose right skill `train` never shows: no model can have learnt it, so they
        say nothing of when to stop or how far to trust."""
        shown = np.isin(self.skill, train.skill[train.scored])
        rows = np.flatnonzero(shown | (self.skill == NO_SKILL))
        ragged = {
            name: getattr(self, name).take(rows)
            for name in ("words", "pairs", "spelling", "enabled", "also_correct")
        }
        flat = {name: getattr(self, name)[rows] for name in ("skill", "negative", "out_of_scope")}
        return dataclasses.replace(self, **ragged, **flat)

    def inputs(self, rows: Rows, lists: Rows | None = None) -> dict[str, Ints]:
        """The network's inputs for these rows, with the enabled lists of the rows `lists` if given."""
        spelling = self.spelling.pad(rows)  # [B, W], rows of the whole corpus
        used = np.unique(np.append(spelling, 0))  # the rows that this batch needs
        grams, gram_rows = self.grams.flat(used)
        return {
            "words": self.words.pad(rows),
            "pairs": self.pairs.pad(rows),
            "spelling": np.searchsorted(used, spelling).astype(np.int32),
            "chars": self.chars[used].astype(np.int32),
            "grams": grams,
            "gram_rows": gram_rows,
            "enabled": self.enabled.pad(rows if lists is None else lists),
        }
