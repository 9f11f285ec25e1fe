"""The peers of the Alexa comparison: BM25, and rules that see the ten enabled skills alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.alexa_measures import DEPTHS, DRAWS_SEED, Draws, Measured, right_skills
from benchmarks.alexa_split import AlexaSplit, Phrase
from benchmarks.bm25 import Bm25
from benchmarks.enabled_draws import Lists
from components.records.text import tokens

Values = npt.NDArray[Any]
_K1 = (0.3, 0.6, 0.9, 1.2, 1.6, 2.0)
_B = (0.3, 0.45, 0.6, 0.75, 0.9)


def bm25(split: AlexaSplit, phrases: Sequence[Phrase], *, k1: float = 1.2, b: float = 0.75) -> Bm25:
    """The index over name, description and these phrases."""
    documents = [tokens(skill.name or "") + tokens(skill.description or "") for skill in split.skills]
    for phrase in phrases:
        documents[phrase.skill] += tokens(phrase.text)
    return Bm25(documents, k1=k1, b=b)


def chosen_bm25(split: AlexaSplit) -> tuple[float, float]:
    """k1 and b of the best top-5 on dev."""

    def top5(k1: float, b: float) -> float:
        return float(_ranked(bm25(split, split.train, k1=k1, b=b), split.dev)["top-5"].mean())

    return max(((k1, b) for k1 in _K1 for b in _B), key=lambda pair: top5(*pair))


def measure_bm25(index: Bm25, phrases: Sequence[Phrase], draws: Draws) -> Measured:
    """Every measure; a tie with the right skill counts as the chance to guess it."""
    scores, right = index.scores([phrase.text for phrase in phrases]), right_skills(phrases)
    measured = _ranked(index, phrases)
    for name, draw in draws.items():
        lists = draw(right.tolist(), DRAWS_SEED)
        listed = np.take_along_axis(scores, lists, axis=1)  # [N, 10]
        own = scores[np.arange(len(right)), right][:, None]
        measured[name] = np.where((listed > own).any(axis=1), 0.0, 1.0 / (listed == own).sum(axis=1))
    return measured


def list_alone(
    split: AlexaSplit, phrases: Sequence[Phrase], learned: Sequence[Phrase], draws: Draws
) -> dict[str, Measured]:
    """Rules that choose among the ten without reading the request, ties by chance."""
    words = np.array([len(tokens(f"{skill.name} {skill.description}")) for skill in split.skills])
    np.add.at(words, right_skills(learned), [len(tokens(phrase.text)) for phrase in learned])
    reviews = np.array([skill.reviews or 0 for skill in split.skills])
    usual = bm25(split, learned)
    rules: dict[str, Callable[[Lists], Values]] = {
        "fewest reviews of the ten": lambda lists: -reviews[lists],
        "shortest text of the ten": lambda lists: -words[lists],
        "nearest to the other nine": lambda lists: _nearness(usual, lists),
    }
    right = right_skills(phrases)
    measured: dict[str, Measured] = {rule: {} for rule in rules}
    for name, draw in draws.items():
        lists = draw(right.tolist(), DRAWS_SEED)
        own = lists == right[:, None]  # [N, 10]
        for rule, value in rules.items():
            values = value(lists)
            best = values == values.max(axis=1, keepdims=True)
            measured[rule][name] = (best & own).sum(axis=1) / best.sum(axis=1)
    return measured


def _nearness(index: Bm25, lists: Lists) -> Values:
    """How many of the others in its list each skill beats as an answer to the remaining ones: [N, 10]."""
    found = np.zeros(lists.shape, np.int64)
    like = {int(number): index.like(int(number)) for number in np.unique(lists)}
    for row, listed in enumerate(lists):
        scores = np.stack([like[int(number)][listed] for number in listed])  # [10, 10], by query
        np.fill_diagonal(scores, -1.0)
        found[row] = scores.argsort(axis=1).argsort(axis=1).sum(axis=0)
    return found


def _ranked(index: Bm25, phrases: Sequence[Phrase]) -> Measured:
    """Whether the right skill is among the first k; ties in catalogue order are broken by chance."""
    scores, right = index.scores([phrase.text for phrase in phrases]), right_skills(phrases)
    own = scores[np.arange(len(right)), right][:, None]
    above, equal = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
    return {f"top-{k}": np.clip((k - above) / equal, 0.0, 1.0) for k in DEPTHS}
