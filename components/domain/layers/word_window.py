"""What a word means among its neighbours."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class WordWindow(keras.layers.Layer):
    """One rectified layer over each word and its neighbours on both sides.

    Collobert et al. (2011), Natural Language Processing (Almost) from Scratch, §3.3.1,
    https://arxiv.org/abs/1103.0398.
    Shapes: B batch, W words (padded on the right), D input, H output.

    Args:
        size: H.
        reach: Neighbours that are seen on each side.

    Inputs: words float [B, W, D], zeros where there is no word; real float [B, W, 1], 1 = word.
    Returns: float [B, W, H], zeros where there is no word.
    Raises: ValueError: `size` is not positive or `reach` is negative.
    """

    def __init__(self, *, size: int, reach: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if size < 1:
            raise ValueError(f"`size` must be positive. Received: size={size}")
        if reach < 0:
            raise ValueError(f"`reach` must not be negative. Received: reach={reach}")
        self.size = size
        self.reach = reach

    def build(self, words_shape: tuple[int | None, ...], real_shape: tuple[int | None, ...]) -> None:
        inputs = (2 * self.reach + 1) * (words_shape[-1] or 0)
        self.kernel = self.add_weight(name="kernel", shape=(inputs, self.size), initializer="he_uniform")
        self.bias = self.add_weight(name="bias", shape=(self.size,), initializer="zeros")

    def call(self, words: Any, real: Any) -> Any:
        width = ops.shape(words)[1]
        padded = ops.pad(words, [[0, 0], [self.reach, self.reach], [0, 0]])
        windows = [padded[:, j : j + width] for j in range(2 * self.reach + 1)]
        return ops.relu(ops.matmul(ops.concatenate(windows, axis=-1), self.kernel) + self.bias) * real

    def compute_output_shape(
        self, words_shape: tuple[int | None, ...], real_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (*words_shape[:2], self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "reach": self.reach}
