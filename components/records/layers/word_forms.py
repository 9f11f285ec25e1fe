"""Word vectors from spelling."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class WordForms(keras.layers.Layer):
    """Reads each word's characters with one shared convolution, so that misspelt and new words have vectors.

    Takes the place of the character BiLSTM of Kim et al. (2018), §3: same input, same output size, and a
    fraction of its time on a CPU.
    Shapes: W words, C characters (padded), D form size.

    Args:
        char_ids: Number of character ids; id 0 is padding.
        char_size: Size of a character's vector.
        size: D.
        width: Characters that one filter sees.

    Inputs: int [W, C].
    Returns: float [W, D], the largest answer of each filter over the word's characters. A word that is
        all padding gets zeros.
    Raises: ValueError: a size is not positive.
    """

    def __init__(
        self, *, char_ids: int, char_size: int = 25, size: int = 50, width: int = 3, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("char_ids", char_ids),
            ("char_size", char_size),
            ("size", size),
            ("width", width),
        ):
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
        self.char_ids = char_ids
        self.char_size = char_size
        self.size = size
        self.width = width

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.table = self.add_weight(
            name="table",
            shape=(self.char_ids, self.char_size),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
        )
        self.kernel = self.add_weight(
            name="kernel", shape=(self.width * self.char_size, self.size), initializer="glorot_uniform"
        )
        self.bias = self.add_weight(name="bias", shape=(self.size,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        real = ops.cast(ops.not_equal(inputs, 0), self.compute_dtype)[..., None]  # [W, C, 1]
        vectors = ops.take(self.table, inputs, axis=0) * real  # [W, C, char_size]
        before, after = (self.width - 1) // 2, self.width // 2
        padded = ops.pad(vectors, [[0, 0], [before, after], [0, 0]])
        length = ops.shape(inputs)[1]
        windows = ops.concatenate([padded[:, j : j + length] for j in range(self.width)], axis=-1)
        answers = ops.relu(ops.matmul(windows, self.kernel) + self.bias) * real  # [W, C, D]
        return ops.max(answers, axis=1)  # [W, D]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        sizes = {
            "char_ids": self.char_ids,
            "char_size": self.char_size,
            "size": self.size,
            "width": self.width,
        }
        return {**super().get_config(), **sizes}
