"""Requests as arrays that a batch is cut from in no time; the text is encoded once."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ints, Ragged
from components.shortlister.targets import Targets

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_RAGGED = ("words", "pairs", "spelling", "enabled", "also_correct", "extra")
_FLAT = ("skill", "negative", "out_of_scope", "weight")


@dataclass(frozen=True)
class Corpus:
    """N requests of one split. About half a KB a request; each distinct word's characters are held once.

    Attributes:
        words, pairs, spelling: Encoded text, as `TextEncoder` gives it; `spelling` counts rows of `chars`.
        chars: uint8 [V + 1, C], characters of the corpus's distinct words after a first row of padding.
        grams: N-grams of each row of `chars`.
        enabled: Ids of the enabled skills (number + 1) that the catalogue has.
        also_correct: Ids of the other right skills; only calibration may read it.
        skill, negative: int32 [N], number of the right and of the failed skill, or `NO_SKILL`.
        out_of_scope: bool [N].
        extra: Ids of further skills that count as right in training (pseudo-labels).
        extra_weight: float32, how much each id of `extra` counts, in (0, 1]; parallel to its values.
        weight: float32 [N], how much a request counts.
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
    extra: Ragged
    extra_weight: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.skill)

    @property
    def teaching(self) -> Rows:
        """The rows that a loss can use: those with a right skill, a failed one, or out of scope."""
        labelled = (self.skill != NO_SKILL) | (self.negative != NO_SKILL) | self.out_of_scope
        return np.flatnonzero((labelled | (self.extra.lengths > 0)) & (self.weight > 0))

    @property
    def scored(self) -> Rows:
        """The rows with a right skill: those that accuracy is measured on."""
        return np.flatnonzero(self.skill != NO_SKILL)

    def learnable_from(self, train: "Corpus") -> "Corpus":
        """Without the requests whose right skill `train` never shows: no model can have learnt it, so they
        say nothing of when to stop or how far to trust."""
        shown = np.isin(self.skill, train.skill[train.scored])
        return self.take(np.flatnonzero(shown | (self.skill == NO_SKILL)))

    def take(self, rows: Rows) -> "Corpus":
        """These rows alone."""
        columns = {name: getattr(self, name).take(rows) for name in _RAGGED}
        columns |= {name: getattr(self, name)[rows] for name in _FLAT}
        weights = self.extra.take_beside(self.extra_weight, rows)
        return dataclasses.replace(self, **columns, extra_weight=weights)

    def join(self, other: "Corpus") -> "Corpus":
        """The rows of both. A word that both have is held twice."""
        moved = dataclasses.replace(
            other, spelling=Ragged(other.spelling.values + len(self.chars) - 1, other.spelling.starts)
        )
        columns: dict[str, Any] = {
            name: Ragged.join([getattr(self, name), getattr(moved, name)]) for name in _RAGGED
        }
        flat = (*_FLAT, "extra_weight")
        columns |= {name: np.concatenate([getattr(self, name), getattr(moved, name)]) for name in flat}
        width = max(self.chars.shape[1], other.chars.shape[1])
        chars = [np.pad(c, [(0, 0), (0, width - c.shape[1])]) for c in (self.chars, other.chars[1:])]
        grams = Ragged.join([self.grams, other.grams.take(np.arange(1, len(other.chars)))])
        return Corpus(**columns, chars=np.concatenate(chars), grams=grams)

    def with_extra(self, extra: Ragged, weight: Floats | float = 1.0) -> "Corpus":
        """With these further right skills (number + 1) in place of the ones it had.

        Args:
            extra: One row a request.
            weight: How much each id counts, in (0, 1]: one number, or float32 parallel to `extra.values`.

        Raises:
            ValueError: `extra` has another number of rows, or `weight` another number of values.
        """
        if len(extra.lengths) != len(self):
            raise ValueError(f"`extra` must have {len(self)} rows. Received: {len(extra.lengths)} rows")
        if np.ndim(weight) and np.shape(weight) != extra.values.shape:
            raise ValueError(
                f"`weight` must have one value for each of the {extra.values.size} ids. "
                f"Received: shape {np.shape(weight)}"
            )
        weights = np.broadcast_to(np.asarray(weight, np.float32), extra.values.shape)
        return dataclasses.replace(self, extra=extra, extra_weight=weights)

    def inputs(self, rows: Rows, lists: Rows | None = None) -> dict[str, Ints]:
        """The network's inputs for these rows, with the enabled lists of the rows `lists` if given."""
        spelling = self.spelling.pad(rows)  # [B, W], rows of the whole corpus
        used = np.unique(np.append(spelling, 0))  # the rows that this batch needs
        chars = self.chars[used]  # [S, longest word of the corpus]
        grams, gram_rows = self.grams.flat(used)
        return {
            "words": self.words.pad(rows),
            "pairs": self.pairs.pad(rows),
            "spelling": np.searchsorted(used, spelling).astype(np.int32),
            "chars": chars[:, : max(int((chars > 0).any(axis=0).sum()), 1)].astype(np.int32),
            "grams": grams,
            "gram_rows": gram_rows,
            "enabled": self.enabled.pad(rows if lists is None else lists),
        }

    def targets(self, rows: Rows) -> Targets:
        """What a loss compares the network's answers for these rows with."""
        return Targets(
            skill=self.skill[rows],
            extra=self.extra.pad(rows),
            extra_weight=self.extra.pad_beside(self.extra_weight, rows),
            negative=self.negative[rows],
            out_of_scope=self.out_of_scope[rows],
            weight=self.weight[rows],
        )
