"""New texts from the ones at hand, for a teacher to judge.

After Tang et al. (2019), Distilling Task-Specific Knowledge from BERT into Simple Neural Networks,
https://arxiv.org/abs/1903.12136: words are left out or replaced and texts recombined. A text need not make
sense; that its teacher's answer is known is enough, and nobody has to label it.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

MAX_WORDS = 24
_RECOMBINED = 0.5  # share of the texts that get another text's end
_OF_LIKE = 0.6  # of those, the share whose other text has the same group
_REPLACED = (0.0, 0.15, 0.3)  # share of the words replaced by a neighbour: one of these for each text
_LEFT_OUT = (0.0, 0.1, 0.2)
_SWAPPED = 0.2  # share of the texts in which two neighbouring words change places
_TRIES = 20


def variations(
    texts: Sequence[str],
    groups: npt.NDArray[np.int32],
    *,
    count: int,
    neighbours: Callable[[str], Sequence[str]],
    rng: np.random.Generator,
) -> list[str]:
    """Up to `count` texts that differ from each other and from `texts`; fewer where few can be made.

    Args:
        texts: At least one, or none are made.
        groups: [N], texts of one group are alike, such as those of one skill.
        neighbours: The words that may stand in for a word; none for a word it does not know.
    """
    words = [text.lower().split() for text in texts]
    members = {group: np.flatnonzero(groups == group) for group in np.unique(groups)}
    known, made = set(texts), dict[str, None]()
    for _ in range(count * _TRIES if texts else 0):
        if len(made) == count:
            break
        number = int(rng.integers(len(words)))
        varied = words[number]
        if rng.random() < _RECOMBINED:
            like = members[groups[number]]
            other = int(rng.choice(like)) if rng.random() < _OF_LIKE else int(rng.integers(len(words)))
            varied = _recombined(varied, words[other], rng)
        text = " ".join(_changed(varied, neighbours, rng)[:MAX_WORDS])
        if text and text not in known:
            made[text] = None
    return list(made)


def _recombined(first: list[str], second: list[str], rng: np.random.Generator) -> list[str]:
    """The beginning of one text and the end of another."""
    return first[: rng.integers(len(first) + 1)] + second[rng.integers(len(second) + 1) :]


def _changed(
    words: list[str], neighbours: Callable[[str], Sequence[str]], rng: np.random.Generator
) -> list[str]:
    """Some words replaced, left out or swapped."""
    replaced, left_out = rng.choice(_REPLACED), rng.choice(_LEFT_OUT)
    found = []
    for word in words:
        if rng.random() < left_out:
            continue
        choices = neighbours(word) if rng.random() < replaced else ()
        found.append(choices[int(rng.integers(len(choices)))] if choices else word)
    if len(found) > 1 and rng.random() < _SWAPPED:
        place = int(rng.integers(len(found) - 1))
        found[place], found[place + 1] = found[place + 1], found[place]
    return found
