"""Small vectors of names and descriptions, the same everywhere and for any words.

Every word has a fixed vector of random signs, drawn from its spelling; a text is the sum of its words, at
length one. Texts that share words point the same way, others hardly do (Johnson & Lindenstrauss, 1984). A
skill, intent or slot that no training has seen has its vector as well as any other.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from components.records.text import normalise

Floats = npt.NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KNOWN = 1 << 15  # words whose vectors are kept
_NAMES = 1 << 12  # likewise names, of intents and of the slots of a reading


def words_of(text: str) -> list[str]:
    """The words of a text or of a name in any spelling, folded.

    >>> words_of("FindRestaurants_1"), words_of("party-size")
    (['find', 'restaurants', '1'], ['party', 'size'])
    """
    return _WORD.findall(normalise(_HUMP.sub(" ", text)))


def vector_of(texts: Iterable[str], size: int) -> Floats:
    """The vector of some texts together: float32 [size], of length one; zeros where they have no word."""
    total = np.zeros(size, np.float32)
    for text in texts:
        for word in words_of(text):
            total += _signs(word, size)
    length = float(np.sqrt(total @ total))
    return total / np.float32(length) if length > 0.0 else total


@lru_cache(_NAMES)
def vector_of_names(names: tuple[str, ...], size: int) -> Floats:
    """`vector_of`, remembered for names that come again and again; nobody writes to it."""
    found = vector_of(names, size)
    found.setflags(write=False)
    return found


@lru_cache(_KNOWN)
def _signs(word: str, size: int) -> Floats:
    digest = hashlib.shake_128(word.encode()).digest(-(-size // 8))
    bits = np.unpackbits(np.frombuffer(digest, np.uint8))[:size]
    return np.where(bits, np.float32(1.0), np.float32(-1.0))
