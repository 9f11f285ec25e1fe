"""The words that a model's training has shown, in its version folder, so that a live router can tell which
words are new: `words.crc32`, their CRC-32 sums, ascending, four bytes each (little-endian).

Of n known words a new one shares a sum with a chance of n / 2³², and is taken for known.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from components.records.atomic import atomic_write
from components.records.text import tokens

WORDS = "words.crc32"


class KnownWords:
    """A container of words.

    Args:
        sums: Ascending.
    """

    def __init__(self, sums: "array[int]") -> None:
        self._sums = sums

    def __contains__(self, word: object) -> bool:
        own = crc32(str(word).encode())
        place = bisect_left(self._sums, own)
        return place < len(self._sums) and self._sums[place] == own


def write_known_words(folder: Path, texts: Iterable[str]) -> None:
    """Writes the words of `texts` into the folder, which is made where it is missing."""
    words = {word for text in texts for word in tokens(text)}
    sums = array("I", sorted({crc32(word.encode()) for word in words}))
    if sys.byteorder == "big":
        sums.byteswap()
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / WORDS, sums.tobytes())


def read_known_words(folder: Path) -> KnownWords | None:
    """The words of a version folder; None where it does not say. Raises `ValueError` where it is damaged."""
    try:
        content = (folder / WORDS).read_bytes()
    except FileNotFoundError:
        return None
    sums = array("I")
    sums.frombytes(content)
    if sys.byteorder == "big":
        sums.byteswap()
    return KnownWords(sums)
