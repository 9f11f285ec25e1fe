"""What the twin reads of utterances, in the form that the graph's encoder gives it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from components.records.encoding import hashing
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.words import Word, WordReader

Ints = npt.NDArray[np.int32]


class NumpyTextEncoder:
    """The integers of `components.records.encoding.text_encoder`, bit for bit; that encoder names the shapes.

    Args:
        settings: Of the encoder.
        table: `fold_table()`, or the one that a model was exported with.
    """

    def __init__(self, settings: EncoderSettings, table: npt.NDArray[np.integer]) -> None:
        self.settings = settings
        self.read: WordReader[Word] = WordReader(settings, table, list)

    def __call__(self, utterances: Sequence[bytes]) -> dict[str, Ints]:
        """Bytes [B] to int32 "words", "pairs" and "spelling" [B, W], "chars" [S, C] and
        "grams", "gram_rows" [N].
        """
        texts = [self.read(utterance) for utterance in utterances]
        words = _padded([[word.row for word in text] for text in texts])  # [B, W]
        pairs = np.zeros_like(words)
        places = np.arange(1, words.size + 1, dtype=np.int32).reshape(words.shape)
        chars = np.zeros((1 + words.size, self.settings.max_chars), np.int32)
        grams, gram_rows = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        for row, text in enumerate(texts):
            pairs[row, : max(len(text) - 1, 0)] = self.pairs(text)
            for place, word in zip(places[row].tolist(), text, strict=False):
                chars[place] = word.chars
                grams.append(word.grams.astype(np.int32))
                gram_rows.append(np.full(len(word.grams), place, np.int32))
        return {
            "words": words,
            "pairs": pairs,
            "spelling": np.where(words > 0, places, 0),
            "chars": chars,
            "grams": np.concatenate(grams),
            "gram_rows": np.concatenate(gram_rows),
        }

    def pairs(self, words: Sequence[Word]) -> npt.NDArray[np.int64]:
        """Rows in the n-gram table of each word with the one after it: one fewer than words."""
        hashes = np.array([word.hash for word in words], np.int64)
        return hashing.pair_buckets(hashes, self.settings.gram_buckets)


def _padded(rows: Sequence[Sequence[int]]) -> Ints:
    """int32 [rows, longest (at least 1)], padded with 0."""
    padded = np.zeros((len(rows), max([1, *map(len, rows)])), np.int32)
    for row, values in zip(padded, rows, strict=True):
        row[: len(values)] = values
    return padded
