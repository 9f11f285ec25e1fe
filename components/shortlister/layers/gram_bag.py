"""A vector from a bag of hashed n-grams."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class GramBag(keras.layers.Layer):
    """Adds up the vectors of an utterance's word and character n-grams, over the root of their number.

    Joulin et al. (2017), Bag of Tricks for Efficient Text Classification, https://arxiv.org/abs/1607.01759,
    but divided by √n, not n: a long utterance's evidence must not be averaged away.
    Shapes: B batch, G n-grams (padded), D size.

    Args:
        buckets: Number of n-gram ids; id 0 is padding.
        size: D.

    Inputs: int [B, G].
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

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.table = self.add_weight(
            name="table",
            shape=(self.buckets, self.size),
            initializer=keras.initializers.RandomNormal(stddev=0.05),
        )

    def call(self, inputs: Any) -> Any:
        real = ops.cast(ops.not_equal(inputs, 0), self.compute_dtype)  # [B, G]
        vectors = ops.take(self.table, inputs, axis=0)  # [B, G, D]
        total = ops.einsum("bg,bgd->bd", real, vectors)  # [B, D]
        return total / ops.sqrt(ops.maximum(ops.sum(real, axis=-1, keepdims=True), 1.0))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "buckets": self.buckets, "size": self.size}
