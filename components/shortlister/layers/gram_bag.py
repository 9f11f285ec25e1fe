"""A vector from a bag of hashed n-grams."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class GramBag(keras.layers.Layer):
    """Adds up the vectors of an utterance's words, word pairs and character n-grams, over √ of their number.

    Joulin et al. (2017), Bag of Tricks for Efficient Text Classification, https://arxiv.org/abs/1607.01759,
    but divided by √n, not n: a long utterance's evidence must not be averaged away. The n-grams of a word are
    added up once for each distinct spelling, however often the batch has it.
    Shapes: B batch, W words, P word pairs, S spellings, N n-grams of all spellings, D size.

    Args:
        buckets: Number of n-gram ids; id 0 is padding.
        size: D.

    Inputs: pairs int [B, P], 0 = none; spelling int [B, W], a row of the S spellings, 0 = no word; grams int
        [N], 0 = padding; gram_rows int [N], the spelling of each n-gram, 0 = of none; spellings [S, ...],
        anything of that length.
    Returns: float [B, D]. An utterance without n-grams gets zeros.
    Raises: ValueError: a size is not positive.
    """

    def __init__(self, *, buckets: int, size: int = 128, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, value in (("buckets", buckets), ("size", size)):
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
        self.buckets = buckets
        self.size = size

    def build(self, pairs_shape: tuple[int | None, ...], *shapes: tuple[int | None, ...]) -> None:
        self.table = self.add_weight(
            name="table",
            shape=(self.buckets, self.size),
            initializer=keras.initializers.RandomNormal(stddev=0.05),
        )

    def call(self, pairs: Any, spelling: Any, grams: Any, gram_rows: Any, spellings: Any) -> Any:
        rows = ops.where(ops.equal(grams, 0), 0, gram_rows)  # [N]
        count = ops.shape(spellings)[0]
        sums = ops.segment_sum(ops.take(self.table, grams, axis=0), rows, count)  # [S, D]
        sizes = ops.segment_sum(ops.ones_like(rows, "float32"), rows, count)  # [S]
        has_word = ops.cast(ops.not_equal(spelling, 0), "float32")  # [B, W]
        has_pair = ops.cast(ops.not_equal(pairs, 0), "float32")  # [B, P]
        real_word, real_pair = (ops.cast(mask, self.compute_dtype) for mask in (has_word, has_pair))
        total = ops.einsum("bw,bwd->bd", real_word, ops.take(sums, spelling, axis=0))  # [B, D]
        total += ops.einsum("bw,bwd->bd", real_pair, ops.take(self.table, pairs, axis=0))
        number = ops.einsum("bw,bw->b", has_word, ops.take(sizes, spelling, axis=0)) + ops.sum(
            has_pair, axis=-1
        )
        return total / ops.cast(ops.sqrt(ops.maximum(number, 1.0)), self.compute_dtype)[:, None]

    def compute_output_shape(
        self, pairs_shape: tuple[int | None, ...], *shapes: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (pairs_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "buckets": self.buckets, "size": self.size}
