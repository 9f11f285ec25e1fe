"""What the words of a request add to the scores of the skills that have them."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("arbiter")
class WordScores(keras.layers.Layer):
    """Adds up the entries of a table of words and skills; see `components.shortlister.lexicon`. Nothing of it
    is trained.

    Shapes: B batch, W words, K skills, V word ids, N entries.

    Args:
        skills: K.
        buckets: V.
        entries: N.

    Inputs: words int [B, W]; 0, the padding, has no entry.
    Returns: float32 [B, K]; a word that comes twice adds twice.
    """

    def __init__(self, *, skills: int, buckets: int, entries: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.skills = skills
        self.buckets = buckets
        self.entries = entries

    def build(self, words_shape: tuple[int | None, ...]) -> None:
        def fixed(name: str, shape: tuple[int, ...], dtype: str) -> Any:
            return self.add_weight(name=name, shape=shape, dtype=dtype, initializer="zeros", trainable=False)

        self.starts = fixed("starts", (self.buckets + 1,), "int32")
        self.numbers = fixed("skills", (self.entries,), "int32")
        self.entry_weights = fixed("weights", (self.entries,), "float32")
        self.rarity = fixed("rarity", (self.buckets,), "float32")
        self.usual_length = fixed("usual_length", (), "float32")

    def call(self, words: Any) -> Any:
        starts = tf.convert_to_tensor(self.starts)
        begin, end = tf.gather(starts, words), tf.gather(starts, words + 1)  # [B, W]
        places = tf.ragged.range(tf.reshape(begin, [-1]), tf.reshape(end, [-1])).flat_values  # [n]
        requests = tf.shape(words)[0]
        rows = tf.repeat(tf.range(requests), tf.reduce_sum(end - begin, axis=1))  # [n]
        into = rows * self.skills + tf.gather(tf.convert_to_tensor(self.numbers), places)
        values = tf.gather(tf.convert_to_tensor(self.entry_weights), places)
        total = tf.math.unsorted_segment_sum(values, into, requests * self.skills)
        return tf.reshape(total, [requests, self.skills])

    def compute_output_shape(self, words_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (words_shape[0], self.skills)

    def get_config(self) -> dict[str, Any]:
        sizes = {"skills": self.skills, "buckets": self.buckets, "entries": self.entries}
        return {**super().get_config(), **sizes}
