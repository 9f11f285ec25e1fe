"""How a code point is read: folded to a comparable one, dropped, or taken as the end of a word.

One table does what NFKC, case folding and accent stripping do to single code points. It is a plain array, so
that the exported graph and an encoder without TensorFlow can share it byte for byte.
"""

import functools
import unicodedata

import numpy as np
import numpy.typing as npt

SEPARATOR = 0
"""Ends a word: white space, controls, punctuation."""
DROPPED = 1
"""Leaves no trace: apostrophes, combining accents, zero-width marks."""
SIZE = 0x10000
"""Code points from here on (emoji, rare scripts) stand for themselves."""

_APOSTROPHES = "'’ʼ`"
_ACCENTS = range(0x300, 0x370)


def fold_code_point(code_point: int) -> int:
    """The folded code point, or `SEPARATOR`, or `DROPPED`.

    A code point whose folded form has several letters ("ﬁ", "ß") is only lower-cased.

    >>> chr(fold_code_point(ord("É"))), fold_code_point(ord(",")), fold_code_point(ord("’"))
    ('e', 0, 1)
    """
    char = chr(code_point)
    category = unicodedata.category(char)
    if char in _APOSTROPHES or code_point in _ACCENTS or category == "Cf":
        return DROPPED
    if category[0] in "ZPC":
        return SEPARATOR
    parts = unicodedata.normalize("NFKD", char).casefold()
    folded = unicodedata.normalize("NFC", "".join(part for part in parts if ord(part) not in _ACCENTS))
    if len(folded) != 1:
        folded = char.lower() if len(char.lower()) == 1 else char
    return ord(folded)


@functools.cache
def fold_table() -> npt.NDArray[np.int32]:
    """The table over the first `SIZE` code points: int32 [SIZE]."""
    return np.array([fold_code_point(code_point) for code_point in range(SIZE)], np.int32)
