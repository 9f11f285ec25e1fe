"""The bounds and marks that both forms of the text encoder share."""

MAX_BYTES = 4096
"""Bytes of an utterance that are looked at; the rest of a longer one is cut off."""
CHAR_IDS = 256
"""Ids of characters: 0 is padding, the others 1 + code point mod 255."""
WORD_START, WORD_END = 2, 3
"""Marks in character n-grams; no folded text holds these code points."""
