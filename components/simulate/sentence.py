"""Sentences out of pieces, with exact slots; misspellings."""

from components.records.request import Slot

Piece = tuple[str, str]
"""(words, name of the slot that they fill, or empty)."""

_SHORTEST = 4
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


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

    >>> misspell([("play ", ""), ("song", "title")], where=0.8, how=0.3, letter=0.5)
    [('play ', ''), ('sog', 'title')]
    """
    words = [
        (i, start, length)
        for i, (text, _) in enumerate(pieces)
        for start, length in _words(text)
        if length >= _SHORTEST
    ]
    if not words:
        return pieces
    i, start, length = words[int(where * len(words))]
    text, name = pieces[i]
    inner = where * len(words) % 1.0  # what is left of `where` is even again
    at = start + 1 + int(inner * (length - 2))  # never the first letter, never the last
    before, letters, after = text[:at], text[at : at + 2], text[at + 2 :]
    slips = (
        letters[1] + letters[0],
        letters[1],
        letters[0] + letters,
        _LETTERS[int(letter * len(_LETTERS))] + letters[1],
    )
    return [*pieces[:i], (before + slips[int(how * len(slips))] + after, name), *pieces[i + 1 :]]


def _words(text: str) -> list[tuple[int, int]]:
    """Where each word of letters starts, and its length."""
    found = []
    at = 0
    for word in text.split(" "):
        if word.isalpha():
            found.append((at, len(word)))
        at += len(word) + 1
    return found
