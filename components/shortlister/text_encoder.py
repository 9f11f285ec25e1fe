"""Turns raw utterances into the integers that the network reads, inside the graph."""

from typing import Any

import tensorflow as tf

from components.records.encoding import fold, hashing
from components.records.encoding.limits import CHAR_IDS, MAX_BYTES, WORD_END, WORD_START


class TextEncoder:
    """Utterances to word ids, character ids and n-gram ids, by hashing; nothing is learned.

    Shapes: B utterances, W words (the longest utterance of the batch, at least 1), C characters a word,
    G n-grams (the fullest utterance of the batch, at least 1). Padding is 0 everywhere.

    Args:
        word_buckets: Size of the table that word ids point into.
        gram_buckets: Size of the table that n-gram ids point into.
        max_words: Words kept of an utterance.
        max_chars: Characters kept of a word.
        max_grams: N-grams kept of an utterance: words first, then word pairs, then characters.
        char_ngrams: Lengths of the character n-grams taken within each marked word ("<word>").

    Raises:
        ValueError: A size is not positive or a table has no room for a hash.
    """

    def __init__(
        self,
        *,
        word_buckets: int,
        gram_buckets: int,
        max_words: int = 32,
        max_chars: int = 20,
        max_grams: int = 384,
        char_ngrams: tuple[int, ...] = (3, 4, 5),
    ) -> None:
        for name, size in (("max_words", max_words), ("max_chars", max_chars), ("max_grams", max_grams)):
            if size < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={size}")
        for name, size in (("word_buckets", word_buckets), ("gram_buckets", gram_buckets)):
            if size <= hashing.FIRST_BUCKET:
                raise ValueError(
                    f"`{name}` must be more than {hashing.FIRST_BUCKET}. Received: {name}={size}"
                )
        self.word_buckets = word_buckets
        self.gram_buckets = gram_buckets
        self.max_words = max_words
        self.max_chars = max_chars
        self.max_grams = max_grams
        self.char_ngrams = char_ngrams

    def __call__(self, utterances: Any) -> dict[str, Any]:
        """String [B] to int32 "words" [B, W], "spelling" [B, W], "chars" [1 + B·W, C], "grams" [B, G].

        `spelling` tells which row of `chars` holds a word's characters; row 0 is padding. A caller may merge
        equal rows, so that each distinct word is read once.
        """
        code_points = self._words(utterances)  # [B, W, C]
        char_ids = tf.where(code_points > 0, code_points % (CHAR_IDS - 1) + 1, 0)
        lengths = tf.reduce_sum(tf.cast(code_points > 0, tf.int64), axis=-1)  # [B, W]
        real = lengths > 0
        weights = tf.constant(hashing.powers(self.max_chars), tf.int64)
        word_hashes = tf.reduce_sum(code_points * weights, axis=-1) % hashing.PRIME  # [B, W]
        words = tf.where(real, hashing.bucket_of(word_hashes, "word", self.word_buckets), 0)
        places = tf.reshape(tf.range(1, tf.size(words) + 1), tf.shape(words))  # [B, W]
        return {
            "words": tf.cast(words, tf.int32),
            "spelling": tf.where(real, places, 0),
            "chars": tf.pad(tf.reshape(tf.cast(char_ids, tf.int32), [-1, self.max_chars]), [[1, 0], [0, 0]]),
            "grams": self._grams(code_points, lengths, word_hashes, real),
        }

    def _words(self, utterances: Any) -> Any:
        """Folded code points of each word: int64 [B, W, C]."""
        head = tf.strings.substr(utterances, 0, MAX_BYTES)
        decoded = tf.strings.unicode_decode(head, "UTF-8", errors="ignore")
        code_points, rows = decoded.flat_values, decoded.value_rowids()  # [N], [N]
        table = tf.constant(fold.fold_table())
        folded = tf.where(
            code_points < fold.SIZE, tf.gather(table, tf.minimum(code_points, fold.SIZE - 1)), code_points
        )
        kept = folded != fold.DROPPED
        folded, rows = folded[kept], rows[kept]
        in_word = folded != fold.SEPARATOR
        follows = tf.concat([[False], in_word[:-1] & (rows[1:] == rows[:-1])], axis=0)[: tf.size(folded)]
        starts = in_word & ~follows
        word_rows = rows[starts]  # [words]
        words = tf.RaggedTensor.from_value_rowids(
            tf.cast(folded[in_word], tf.int64),
            (tf.cumsum(tf.cast(starts, tf.int64)) - 1)[in_word],
            nrows=tf.size(word_rows, tf.int64),
        )
        nested = tf.RaggedTensor.from_value_rowids(words, word_rows, nrows=decoded.nrows())
        dense = nested[:, : self.max_words].to_tensor(0, shape=[None, None, self.max_chars])
        return (
            dense
            if dense.shape[1]
            else tf.pad(dense, [[0, 0], [0, tf.cast(tf.shape(dense)[1] == 0, tf.int32)], [0, 0]])
        )

    def _grams(self, code_points: Any, lengths: Any, word_hashes: Any, real: Any) -> Any:
        """Word, word-pair and character n-gram ids, packed to the left: int32 [B, G]."""
        batch = tf.shape(code_points)[0]
        found = [tf.where(real, hashing.bucket_of(word_hashes, "word", self.gram_buckets), 0)]
        pairs = hashing.pair_hash(word_hashes[:, :-1], word_hashes[:, 1:])  # [B, W-1]
        found.append(tf.where(real[:, 1:], hashing.bucket_of(pairs, "pair", self.gram_buckets), 0))
        marked = tf.pad(code_points, [[0, 0], [0, 0], [1, 1]])  # [B, W, C+2]
        position = tf.range(self.max_chars + 2, dtype=tf.int64)
        marked = tf.where(position == 0, tf.constant(WORD_START, tf.int64), marked)
        marked = tf.where(position == lengths[..., None] + 1, tf.constant(WORD_END, tf.int64), marked)
        for size in self.char_ngrams:
            windows = self.max_chars + 3 - size
            weights = hashing.powers(size + 1)
            hashes = (
                sum(marked[..., j : j + windows] * weights[j] for j in range(size)) + size * weights[size]
            )
            ids = hashing.bucket_of(hashes % hashing.PRIME, "chars", self.gram_buckets)  # [B, W, windows]
            fits = (position[:windows] + size <= lengths[..., None] + 2) & real[..., None]
            found.append(tf.reshape(tf.where(fits, ids, 0), [batch, -1]))
        ids = tf.concat(found, axis=1)
        packed = tf.ragged.boolean_mask(ids, ids > 0)[:, : self.max_grams].to_tensor(0)  # [B, G]
        return tf.cast(tf.pad(packed, [[0, 0], [0, tf.cast(tf.shape(packed)[1] == 0, tf.int32)]]), tf.int32)
