"""Turns raw utterances into the integers that the network reads, without TensorFlow."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from components.records.encoding import hashing
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.words import Word, WordReader

Ints = npt.NDArray[np.int32]


class NumpyTextEncoder:
    """The integers of `components.shortlister.text_encoder`, bit for bit; that encoder names the shapes.

    Args:
        settings: Of the encoder.
        table: `fold_table()`, or the one that a model was exported with.
    """

    def __init__(self, settings: EncoderSettings, table: npt.NDArray[np.integer]) -> None:
        self.settings = settings
        self.read = WordReader(settings, table)

    def __call__(self, utterances: Sequence[bytes]) -> dict[str, Ints]:
        """Bytes [B] to int32 "words" [B, W], "spelling" [B, W], "chars" [1 + B·W, C], "grams" [B, G]."""
        texts = [self.read(utterance) for utterance in utterances]
        words = _padded([[word.row for word in text] for text in texts])  # [B, W]
        places = np.arange(1, words.size + 1, dtype=np.int32).reshape(words.shape)
        chars = np.zeros((1 + words.size, self.settings.max_chars), np.int32)
        for row, text in enumerate(texts):
            for place, word in enumerate(text):
                chars[places[row, place]] = word.chars
        return {
            "words": words,
            "spelling": np.where(words > 0, places, 0),
            "chars": chars,
            "grams": _padded([self.grams(text) for text in texts]),
        }

    def grams(self, words: Sequence[Word]) -> list[int]:
        """Word, word-pair and character n-gram ids of an utterance, at most `max_grams`."""
        if not words:
            return []
        hashes = np.array([word.hash for word in words], np.int64)
        pairs = hashing.pair_hash(hashes[:-1], hashes[1:])
        found = [
            hashing.bucket_of(hashes, "word", self.settings.gram_buckets),
            hashing.bucket_of(pairs, "pair", self.settings.gram_buckets),
        ]
        found += [word.grams[n] for n in range(len(self.settings.char_ngrams)) for word in words]
        ids: list[int] = np.concatenate(found)[: self.settings.max_grams].tolist()
        return ids


def _padded(rows: Sequence[Sequence[int]]) -> Ints:
    """int32 [rows, longest (at least 1)], padded with 0."""
    padded = np.zeros((len(rows), max([1, *map(len, rows)])), np.int32)
    for row, values in zip(padded, rows, strict=True):
        row[: len(values)] = values
    return padded
