"""The sizes of the text encoding: what a model's encoder was made with, in either form."""

import msgspec

from components.records.encoding.hashing import FIRST_BUCKET


class EncoderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Sizes of an encoder; nothing of it is learned.

    Attributes:
        word_buckets: Size of the table that word ids point into.
        gram_buckets: Size of the table that word-pair and n-gram ids point into.
        max_words: Words kept of an utterance.
        max_chars: Characters kept of a word.
        char_ngrams: Lengths of the character n-grams taken within each marked word ("<word>").

    Raises:
        ValueError: A size is not positive or a table has no room for a hash.
    """

    word_buckets: int
    gram_buckets: int
    max_words: int = 32
    max_chars: int = 20
    char_ngrams: tuple[int, ...] = (3, 4, 5)

    def __post_init__(self) -> None:
        for name in ("max_words", "max_chars"):
            size = getattr(self, name)
            if size < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={size}")
        for name in ("word_buckets", "gram_buckets"):
            size = getattr(self, name)
            if size <= FIRST_BUCKET:
                raise ValueError(f"`{name}` must be more than {FIRST_BUCKET}. Received: {name}={size}")
