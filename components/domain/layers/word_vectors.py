"""A vector for every word, from its spelling alone."""

from typing import Any

import keras
from keras import ops

from components.records.layers.word_forms import WordForms


@keras.saving.register_keras_serializable("arbiter")
class WordVectors(keras.layers.Layer):
    """The form of a word beside the sum of its hashed n-grams, over √ of their number.

    Bojanowski et al. (2017), Enriching Word Vectors with Subword Information,
    https://arxiv.org/abs/1607.04606, with a convolution over the characters beside.
    Shapes: S spellings, C characters, N n-grams of all spellings, F form, G n-gram vector.

    Args:
        buckets: Number of n-gram ids.
        gram_size: G.
        char_ids: Number of character ids.
        char_size: Size of a character's vector.
        form_size: F.

    Inputs: chars int [S, C], 0 = padding; grams int [N]; gram_rows int [N], the spelling of each n-gram.
    Returns: float [S, F + G]. A spelling without characters and n-grams gets zeros.
    Raises: ValueError: a size is not positive.
    """

    def __init__(
        self,
        *,
        buckets: int,
        gram_size: int = 64,
        char_ids: int = 256,
        char_size: int = 16,
        form_size: int = 32,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (("buckets", buckets), ("gram_size", gram_size)):
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
        self.settings = {
            "buckets": buckets,
            "gram_size": gram_size,
            "char_ids": char_ids,
            "char_size": char_size,
            "form_size": form_size,
        }
        self.size = form_size + gram_size
        self.forms = WordForms(char_ids=char_ids, char_size=char_size, size=form_size, name="forms")

    def build(self, chars_shape: tuple[int | None, ...], *shapes: tuple[int | None, ...]) -> None:
        self.forms.build(chars_shape)
        self.table = self.add_weight(
            name="table",
            shape=(self.settings["buckets"], self.settings["gram_size"]),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
        )

    def call(self, chars: Any, grams: Any, gram_rows: Any) -> Any:
        count = ops.shape(chars)[0]
        sums = ops.segment_sum(ops.take(self.table, grams, axis=0), gram_rows, count)  # [S, G]
        number = ops.segment_sum(ops.ones_like(gram_rows, self.compute_dtype), gram_rows, count)  # [S]
        return ops.concatenate(
            [self.forms(chars), sums / ops.sqrt(ops.maximum(number, 1.0))[:, None]], axis=-1
        )

    def compute_output_shape(
        self, chars_shape: tuple[int | None, ...], *shapes: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (chars_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.settings}
