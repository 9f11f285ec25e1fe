"""The utterance vector from its words in order."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class WordEncoder(keras.layers.Layer):
    """Runs a BiLSTM over word vectors and adds up its states, h = Σ_i h_i.

    Kim et al. (2018), Eq. (1): the sum over positions, not the mean and not the last state.
    Shapes: B batch, W words (padded on the right), D word vector, H LSTM size a direction.

    Args:
        size: H.
        dropout: Share of the LSTMs' inputs dropped while training; in [0, 1).
        seed: Of the dropout.

    Inputs: vectors float [B, W, D]; real bool [B, W], True = real word.
    Returns: float [B, 2H]; an utterance without words gets zeros, and padding adds nothing.
    Raises: ValueError: `size` is not positive or `dropout` is outside [0, 1).
    """

    def __init__(
        self, *, size: int = 50, dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if size < 1:
            raise ValueError(f"`size` must be positive. Received: size={size}")
        if not 0.0 <= dropout < 1.0:
            raise ValueError(f"`dropout` must be in [0, 1). Received: dropout={dropout}")
        self.size = size
        self.dropout = dropout
        self.seed = seed
        self.drop = keras.layers.SpatialDropout1D(dropout, seed=seed)
        self.forward = keras.layers.LSTM(size, return_sequences=True, name="forward")
        self.backward = keras.layers.LSTM(size, return_sequences=True, go_backwards=True, name="backward")

    def build(self, vectors_shape: tuple[int | None, ...], real_shape: tuple[int | None, ...]) -> None:
        self.forward.build(vectors_shape)
        self.backward.build(vectors_shape)

    def call(self, vectors: Any, real: Any, training: bool = False) -> Any:
        vectors = self.drop(vectors, training=training)
        weights = ops.cast(real, self.compute_dtype)[..., None]  # [B, W, 1]
        ahead = self.forward(vectors, mask=real, training=training)  # [B, W, H]
        behind = self.backward(vectors, mask=real, training=training)  # [B, W, H], last word first
        return ops.concatenate(
            [ops.sum(ahead * weights, axis=1), ops.sum(behind * ops.flip(weights, axis=1), axis=1)], axis=-1
        )  # [B, 2H]

    def compute_output_shape(
        self, vectors_shape: tuple[int | None, ...], real_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (vectors_shape[0], 2 * self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "dropout": self.dropout, "seed": self.seed}
