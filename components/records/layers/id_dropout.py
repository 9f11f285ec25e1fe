"""Dropout of whole ids."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class IdDropout(keras.layers.Layer):
    """Replaces ids at random while training, so that the model learns to do without any one word.

    Args:
        rate: Share of the real ids that are replaced, in [0, 1).
        replacement: The id put in their place; 0 makes them padding.
        seed: Of the random numbers.

    Inputs: int [...], 0 = padding (never replaced).
    Returns: int, the same shape; the inputs unchanged when not training.
    Raises: ValueError: `rate` is outside [0, 1).
    """

    def __init__(self, *, rate: float, replacement: int = 0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= rate < 1.0:
            raise ValueError(f"`rate` must be in [0, 1). Received: rate={rate}")
        self.rate = rate
        self.replacement = replacement
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0.0:
            return inputs
        hit = keras.random.uniform(ops.shape(inputs), seed=self.seed_generator) < self.rate
        return ops.where(ops.logical_and(hit, inputs > 0), self.replacement, inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "replacement": self.replacement, "seed": self.seed}
