"""The one normal form of an utterance."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_TOKENS = re.compile(r"\w+(?:['’]\w+)*")


def normalise(utterance: str) -> str:
    """NFKC, case-folded, single spaces: equal for utterances that a person would call the same.

    >>> normalise("  Play  MARY\\tPoppins ")
    'play mary poppins'
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", utterance).casefold()).strip()


def tokens(utterance: str) -> list[str]:
    """The words of the normal form, without punctuation.

    >>> tokens("What's on, tonight?")
    ["what's", 'on', 'tonight']
    """
    return _TOKENS.findall(normalise(utterance))
