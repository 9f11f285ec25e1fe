"""A table of words beside the network: how much each word speaks for each skill, by BM25.

What a network sees of a request has to pass through a vector of a few hundred numbers, in which there is no
room for every rare word of thousands of skills. The table has a number for each word of each skill: the
weight of Lucene's BM25 (Robertson & Zaragoza, 2009, "The Probabilistic Relevance Framework: BM25 and
Beyond") over what the skill's owner wrote and what the skill was asked with. It is made when the training is
done: its training requests find their own words in it, so a network trained beside it would learn to believe
it too much.

A word of more than an eighth of the skills is left out: the network knows it. One in English singular or
plural counts as the other too.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from components.records.skill import Skill
from components.records.text import tokens
from components.records.twin.word_table import WordTable
from components.shortlister.catalogue_text import TextRow, text_corpus, written_rows
from components.shortlister.corpus import Corpus
from components.shortlister.layers.word_scores import WordScores

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.integer[Any]]

_K1, _B = 0.3, 0.6
_FEW = 4  # skills may have any word
_MOST = 0.125  # share of the skills that may have a word


class Lexicon(NamedTuple):
    """The table, and what it takes to enter further skills.

    Attributes:
        table: Of K skills.
        rarity: float32 [V], the most that each word can add to a score; 0 for those that are left out.
        length: How many words the mean skill has.
    """

    table: WordTable
    rarity: Floats
    length: float

    @classmethod
    def of(cls, texts: Corpus, *, skills: int, buckets: int, scale: float) -> "Lexicon":
        """The lexicon of these texts.

        Args:
            texts: See `lexical_texts`.
            skills: K.
            buckets: V.
            scale: Times BM25.
        """
        words, owners, counts = _counted(texts, buckets)
        spread = np.bincount(words, minlength=buckets)  # how many skills have it
        rarity = scale * np.log1p((skills - spread + 0.5) / (spread + 0.5))
        rarity[spread > max(_MOST * skills, _FEW)] = 0.0
        length = float(counts.sum()) / max(len(np.unique(owners)), 1)
        nothing = WordTable.of(words[:0], words[:0], counts[:0], buckets=buckets, skills=0)
        return cls(nothing, rarity.astype(np.float32), length).joined(texts, old=0, new=skills)

    def joined(self, texts: Corpus, *, old: int, new: int) -> "Lexicon":
        """With `new` more skills after the `old` ones, whose entries stay as they are.

        Args:
            texts: See `lexical_texts`; those of old skills are passed over.
        """
        words, owners, counts = _counted(texts.take(np.flatnonzero(texts.skill >= old)), len(self.rarity))
        lengths = np.bincount(owners, weights=counts, minlength=old + new)
        often = counts / (counts + _K1 * (1 - _B + _B * lengths[owners] / max(self.length, 1.0)))
        weights = often * self.rarity[words]
        said = weights > 0
        entries = [
            np.concatenate([before, now[said]])
            for before, now in zip(
                (self.table.words(), self.table.skills, self.table.weights),
                (words, owners, weights),
                strict=True,
            )
        ]
        return self._replace(table=WordTable.of(*entries, buckets=len(self.rarity), skills=old + new))

    @classmethod
    def read(cls, layer: WordScores) -> "Lexicon":
        """What `enter` left in a network's layer."""
        starts, skills, weights = (
            np.asarray(value) for value in (layer.starts, layer.numbers, layer.entry_weights)
        )
        words = np.repeat(np.arange(layer.buckets), np.diff(starts))
        table = WordTable.of(words, skills, weights, buckets=layer.buckets, skills=layer.skills)
        return cls(table, np.asarray(layer.rarity), float(layer.usual_length))

    def enter(self, layer: WordScores) -> None:
        """Sets the weights of a network's layer of the same sizes."""
        layer.starts.assign(self.table.starts)
        layer.numbers.assign(self.table.skills.astype(np.int32))
        layer.entry_weights.assign(self.table.weights.astype(np.float32))
        layer.rarity.assign(self.rarity)
        layer.usual_length.assign(self.length)

    def without(self, removed: Ids, *, old: int) -> "Lexicon":
        """Without the skills of these numbers among the `old` ones; the others move up."""
        kept = np.delete(np.arange(old), removed)
        place = np.full(old, -1)
        place[kept] = np.arange(len(kept))
        skills = place[self.table.skills]
        stay = skills >= 0
        entries = (self.table.words()[stay], skills[stay], self.table.weights[stay])
        return self._replace(table=WordTable.of(*entries, buckets=len(self.rarity), skills=len(kept)))


def lexical_texts(
    skills: Sequence[Skill],
    requests: Sequence[TextRow],
    encode: Callable[[Any], dict[str, Any]],
    *,
    first: int = 0,
) -> Corpus:
    """What owners wrote of their skills and what the skills were asked with; then the same with every noun in
    the other number.

    Args:
        skills: In row order.
        requests: Of train.
        encode: String [B] to encoded text; see `TextEncoder`.
        first: Number of the first of `skills`.
    """
    rows = [*written_rows(skills, first=first), *requests]
    others = [TextRow(row.skill, " ".join(_other_numbers(tokens(row.text)))) for row in rows]
    return text_corpus([*rows, *others], encode)


def labelled_rows(texts: Sequence[str], corpus: Corpus) -> list[TextRow]:
    """The requests of a corpus that have a right skill, from the texts of all."""
    return [TextRow(int(corpus.skill[row]), texts[row]) for row in corpus.scored.tolist()]


def _other_numbers(words: Sequence[str]) -> Iterator[str]:
    """Plurals for singulars and the other way round; nothing for words that are neither."""
    for word in words:
        if not word.endswith("s") and len(word) > 2:
            yield word + "s"
        elif word.endswith("s") and not word.endswith("ss") and len(word) > 3:
            yield word[:-1]


def _counted(texts: Corpus, buckets: int) -> tuple[Ids, Ids, Ids]:
    """The words and the skills that have them, and how often they do: [N] each."""
    owners = np.repeat(texts.skill.astype(np.int64), texts.words.lengths)
    keys, counts = np.unique(owners * buckets + texts.words.values, return_counts=True)
    skills, words = np.divmod(keys, buckets)
    return words, skills, counts
