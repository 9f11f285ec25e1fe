"""Sentences out of pieces, with exact slots; misspellings."""

from components.records.request import Slot

Piece = tuple[str, str]
"""(words, name of the slot that they fill, or empty)."""


def join(pieces: list[Piece]) -> tuple[str, tuple[Slot, ...]]:
    """The utterance of these pieces, and its slots with their spans in code points.

    >>> join([("play ", ""), ("mary poppins", "title")])[1][0].start
    5
    """
    slots = []
    at = 0
    for words, name in pieces:
        end = at + len(words)
        if name:
            slots.append(Slot(name=name, value=words, start=at, end=end))
        at = end
    return "".join([words for words, _ in pieces]), tuple(slots)


def misspell(pieces: list[Piece], where: float, how: float, letter: float) -> list[Piece]:
    """One word with a slip of the finger: two letters swapped, one lost, doubled or replaced.

    `where`, `how` and `letter`, each in [0, 1), choose the place, the slip and the letter. Words below four
    letters stay right; without a longer one nothing changes.

    >>> misspell([("play ", ""), ("song", "title")], where=0.9, how=0.3, letter=0.5)
    [('play ', ''), ('sog', 'title')]
    """
    words = [
        (i, start, len(word))
        for i, (text, _) in enumerate(pieces)
        for start, word in _words(text)
        if len(word) >= _SHORTEST
    ]
    if not words:
        return pieces
    i, start, length = words[int(where * len(words))]
    text, name = pieces[i]
    inner = where * len(words) % 1.0  # what is left of `where` is even again
    at = start + 1 + int(inner * (length - 2))  # never the first letter, never past the last but one
    slip = int(how * 4)
    if slip == 0:
        changed = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    elif slip == 1:
        changed = text[:at] + text[at + 1 :]
    elif slip == 2:
        changed = text[:at] + text[at] + text[at:]
    else:
        changed = text[:at] + _LETTERS[int(letter * len(_LETTERS))] + text[at + 1 :]
    return [*pieces[:i], (changed, name), *pieces[i + 1 :]]


_SHORTEST = 4
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _words(text: str) -> list[tuple[int, str]]:
    found = []
    at = 0
    for word in text.split(" "):
        if word.isalpha():
            found.append((at, word))
        at += len(word) + 1
    return found
