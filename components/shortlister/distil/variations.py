"""New texts from the ones at hand, for a teacher to judge.

After Tang et al. (2019), Distilling Task-Specific Knowledge from BERT into Simple Neural Networks,
https://arxiv.org/abs/1903.12136: words are left out or replaced and texts recombined. A text need not make
sense; that its teacher's answer is known is enough, and nobody has to label it. Texts are recombined where
they share a word, which keeps most of them readable.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

MAX_WORDS = 24
_GO_ON_AS_ANOTHER = (0.1, 0.25, 0.5)  # at each word: one of these for each text
_OF_LIKE = 0.7  # share of those turns that are to a text of the same group
_CHANGED = 0.6  # share of the texts of which single words are changed too
_REPLACED = (0.0, 0.15, 0.3)  # share of the words replaced by a neighbour: one of these for each text
_LEFT_OUT = (0.0, 0.1, 0.2)
_SWAPPED = 0.2  # share of the texts in which two neighbouring words change places
_TRIES = 20

Places = dict[tuple[int | None, str], list[tuple[int, int]]]


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
    places = _places(words, groups)
    known, made = {" ".join(each) for each in words}, dict[str, None]()
    for _ in range(count * _TRIES if texts else 0):
        if len(made) == count:
            break
        varied = _recombined(words, groups, places, rng)
        if rng.random() < _CHANGED:
            varied = _changed(varied, neighbours, rng)
        text = " ".join(varied)
        if text and text not in known:
            made[text] = None
    return list(made)


def _places(words: Sequence[list[str]], groups: npt.NDArray[np.int32]) -> Places:
    """Where each word stands, as (text, position): among all texts, and among those of a group."""
    found: Places = defaultdict(list)
    for number, (text, group) in enumerate(zip(words, groups.tolist(), strict=True)):
        for position, word in enumerate(text):
            found[None, word].append((number, position))
            found[group, word].append((number, position))
    return found


def _recombined(
    words: Sequence[list[str]], groups: npt.NDArray[np.int32], places: Places, rng: np.random.Generator
) -> list[str]:
    """Begins as one text and goes on, now and then, as another from a word that both have."""
    number, position, made = int(rng.integers(len(words))), 0, list[str]()
    turn = rng.choice(_GO_ON_AS_ANOTHER)
    while position < len(words[number]) and len(made) < MAX_WORDS:
        word = words[number][position]
        made.append(word)
        if rng.random() < turn:
            group = int(groups[number]) if rng.random() < _OF_LIKE else None
            shared = places[group, word]
            number, position = shared[int(rng.integers(len(shared)))]
        position += 1
    return made


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
