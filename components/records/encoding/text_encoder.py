"""Turns raw utterances into the integers that the network reads, inside the graph."""

from typing import Any, NamedTuple

import tensorflow as tf

from components.records.encoding import fold, hashing
from components.records.encoding.limits import CHAR_IDS, MAX_BYTES, WORD_END, WORD_START
from components.records.encoding.settings import EncoderSettings


class _CodePoints(NamedTuple):
    """The code points that leave a trace, of all utterances end to end: [N] each.

    Attributes:
        folded: What each is read as.
        rows: Its utterance.
        place: Its place in the utterance, those that leave no trace counted.
        in_word: Whether it is part of a word.
        follows: Whether it is part of the same word as the one before it.
        starts: Whether it is the first of a word.
        nrows: B.
    """

    folded: Any
    rows: Any
    place: Any
    in_word: Any
    follows: Any
    starts: Any
    nrows: Any


class TextEncoder:
    """Utterances to word ids, word-pair ids, character ids and n-gram ids, by hashing; nothing is learned.

    Shapes: B utterances, W words (the longest utterance of the batch, at least 1), S = 1 + B·W spellings, C
    characters a spelling, N n-grams of all spellings. Padding is 0 everywhere.

    Args:
        settings: Its sizes.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self.settings = settings

    def __call__(self, utterances: Any) -> dict[str, Any]:
        """String [B] to the text that the network reads, all int32.

        "words", "pairs", "spelling" [B, W]: a word's id, the id of the pair it makes with the word after it
        (0 for the last), and the row of `chars` that holds its characters. "chars" [S, C]: row 0 is padding.
        "grams", "gram_rows" [N]: the n-grams of each spelling (the word itself, then its character n-grams)
        end to end, and the row of `chars` that each belongs to, in ascending order. A caller may merge equal
        spellings, so that each distinct word is read once.
        """
        sizes = self.settings
        code_points = self._words(utterances)  # [B, W, C]
        char_ids = tf.where(code_points > 0, code_points % (CHAR_IDS - 1) + 1, 0)
        lengths = tf.reduce_sum(tf.cast(code_points > 0, tf.int64), axis=-1)  # [B, W]
        real = lengths > 0
        weights = tf.constant(hashing.powers(sizes.max_chars), tf.int64)
        word_hashes = tf.reduce_sum(code_points * weights, axis=-1) % hashing.PRIME  # [B, W]
        words = tf.where(real, hashing.bucket_of(word_hashes, "word", sizes.word_buckets), 0)
        places = tf.reshape(tf.range(1, tf.size(words) + 1), tf.shape(words))  # [B, W]
        grams, gram_rows = self._grams(code_points, lengths, word_hashes)
        return {
            "words": tf.cast(words, tf.int32),
            "pairs": tf.cast(self._pairs(word_hashes, real), tf.int32),
            "spelling": tf.where(real, places, 0),
            "chars": tf.pad(tf.reshape(tf.cast(char_ids, tf.int32), [-1, sizes.max_chars]), [[1, 0], [0, 0]]),
            "grams": grams,
            "gram_rows": gram_rows,
        }

    def spans(self, utterances: Any) -> tuple[Any, Any]:
        """Where each word of `words` begins and ends in its utterance, in code points: int32 [B, W] each.

        Bytes that are no UTF-8 do not count. Padding is 0.
        """
        points = self._read(utterances)
        last = points.in_word & ~tf.concat(
            [points.follows[1:], tf.fill([tf.size(points.rows[:1])], False)], 0
        )
        return self._by_word(points, points.place[points.starts]), self._by_word(
            points, points.place[last] + 1
        )

    def _by_word(self, points: "_CodePoints", values: Any) -> Any:
        """A value per word as int32 [B, W]."""
        by_row = tf.RaggedTensor.from_value_rowids(
            tf.cast(values, tf.int32), points.rows[points.starts], nrows=points.nrows
        )
        dense = by_row[:, : self.settings.max_words].to_tensor(0)
        return tf.pad(dense, [[0, 0], [0, tf.cast(tf.shape(dense)[1] == 0, tf.int32)]])

    def _read(self, utterances: Any) -> "_CodePoints":
        head = tf.strings.substr(utterances, 0, MAX_BYTES)
        decoded = tf.strings.unicode_decode(head, "UTF-8", errors="ignore")
        code_points, rows = decoded.flat_values, decoded.value_rowids()  # [N], [N]
        place = tf.range(tf.size(rows, tf.int64)) - tf.gather(decoded.row_starts(), rows)
        table = tf.constant(fold.fold_table())
        folded = tf.where(
            code_points < fold.SIZE, tf.gather(table, tf.minimum(code_points, fold.SIZE - 1)), code_points
        )
        kept = folded != fold.DROPPED
        folded, rows, place = folded[kept], rows[kept], place[kept]
        in_word = folded != fold.SEPARATOR
        before = tf.concat([[False], in_word[:-1] & (rows[1:] == rows[:-1])], axis=0)[: tf.size(folded)]
        follows = in_word & before
        return _CodePoints(folded, rows, place, in_word, follows, in_word & ~before, decoded.nrows())

    def _words(self, utterances: Any) -> Any:
        """Folded code points of each word: int64 [B, W, C]."""
        points = self._read(utterances)
        word_rows = points.rows[points.starts]  # [words]
        words = tf.RaggedTensor.from_value_rowids(
            tf.cast(points.folded[points.in_word], tf.int64),
            (tf.cumsum(tf.cast(points.starts, tf.int64)) - 1)[points.in_word],
            nrows=tf.size(word_rows, tf.int64),
        )
        nested = tf.RaggedTensor.from_value_rowids(words, word_rows, nrows=points.nrows)
        dense = nested[:, : self.settings.max_words].to_tensor(0, shape=[None, None, self.settings.max_chars])
        return (
            dense
            if dense.shape[1]
            else tf.pad(dense, [[0, 0], [0, tf.cast(tf.shape(dense)[1] == 0, tf.int32)], [0, 0]])
        )

    def _pairs(self, word_hashes: Any, real: Any) -> Any:
        """The id of each word with the one after it: int64 [B, W]."""
        hashes = hashing.pair_hash(word_hashes[:, :-1], word_hashes[:, 1:])  # [B, W-1]
        ids = tf.where(real[:, 1:], hashing.bucket_of(hashes, "pair", self.settings.gram_buckets), 0)
        return tf.pad(ids, [[0, 0], [0, 1]])

    def _grams(self, code_points: Any, lengths: Any, word_hashes: Any) -> tuple[Any, Any]:
        """Word and character n-gram ids of each spelling, end to end, and their rows: int32 [N], [N]."""
        sizes = self.settings
        lengths = tf.reshape(lengths, [-1, 1])  # [B·W, 1]
        real = lengths > 0
        words = hashing.bucket_of(tf.reshape(word_hashes, [-1, 1]), "word", sizes.gram_buckets)
        found = [tf.where(real, words, 0)]
        marked = tf.pad(tf.reshape(code_points, [-1, sizes.max_chars]), [[0, 0], [1, 1]])  # [B·W, C+2]
        position = tf.range(sizes.max_chars + 2, dtype=tf.int64)
        marked = tf.where(position == 0, tf.constant(WORD_START, tf.int64), marked)
        marked = tf.where(position == lengths + 1, tf.constant(WORD_END, tf.int64), marked)
        for size in sizes.char_ngrams:
            windows = sizes.max_chars + 3 - size
            weights = hashing.powers(size + 1)
            hashes = sum(marked[:, j : j + windows] * weights[j] for j in range(size)) + size * weights[size]
            ids = hashing.bucket_of(hashes % hashing.PRIME, "chars", sizes.gram_buckets)  # [B·W, windows]
            found.append(tf.where((position[:windows] + size <= lengths + 2) & real, ids, 0))
        ids = tf.concat(found, axis=1)
        places = tf.where(ids > 0)  # [N, 2], row by row
        return tf.cast(tf.gather_nd(ids, places), tf.int32), tf.cast(places[:, 0] + 1, tf.int32)
