"""The 1-bit flag: which skills of the catalogue a customer has enabled."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class EnabledFlags(keras.layers.Layer):
    """Spreads lists of enabled skills over the whole catalogue.

    Shapes: B batch, E enabled skills (padded), K skills.

    Args:
        skills: K; skill number n of the catalogue has id n + 1.

    Inputs: int [B, E], 0 = padding; an id may be repeated.
    Returns: float [B, K], 1 where the skill is enabled and 0 elsewhere.
    Raises: ValueError: `skills` is not positive.
    """

    def __init__(self, *, skills: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if skills < 1:
            raise ValueError(f"`skills` must be positive. Received: skills={skills}")
        self.skills = skills

    def call(self, inputs: Any) -> Any:
        batch, width = ops.shape(inputs)[0], ops.shape(inputs)[1]
        rows = ops.repeat(ops.arange(batch, dtype="int32"), width)  # [B·E]
        places = ops.stack([rows, ops.reshape(ops.cast(inputs, "int32"), (-1,))], axis=-1)
        counts = ops.scatter(places, ops.ones_like(rows, dtype=self.compute_dtype), (batch, self.skills + 1))
        return ops.minimum(counts, 1.0)[:, 1:]  # [B, K]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.skills)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "skills": self.skills}
