"""Attention over the skills that a customer has enabled."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class EnabledAttention(keras.layers.Layer):
    """Sums up a customer's enabled skills, each weighted by how well it fits the utterance.

    Kim et al. (2018), §3.2: a_i = h · e_i, s = Σ_i softmax(a)_i e_i over the enabled skills only.
    Shapes: B batch, E enabled skills (padded), D utterance vector, K skills.

    Args:
        skills: K; skill number n of the catalogue has id n + 1.

    Inputs: utterance float [B, D]; enabled int [B, E], 0 = padding.
    Returns: float [B, D]. A customer with no enabled skill gets zeros, not NaN; order does not matter.
    Raises: ValueError: `skills` is not positive.
    """

    def __init__(self, *, skills: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if skills < 1:
            raise ValueError(f"`skills` must be positive. Received: skills={skills}")
        self.skills = skills

    def build(self, utterance_shape: tuple[int | None, ...], enabled_shape: tuple[int | None, ...]) -> None:
        self.table = self.add_weight(
            name="table",
            shape=(self.skills + 1, utterance_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.05),
        )

    def call(self, utterance: Any, enabled: Any) -> Any:
        mask = ops.not_equal(enabled, 0)  # [B, E]
        keys = ops.take(self.table, enabled, axis=0)  # [B, E, D]
        scores = ops.where(mask, ops.einsum("bd,bed->be", utterance, keys), -1e9)  # [B, E]
        weights = ops.softmax(scores, axis=-1) * ops.cast(mask, self.compute_dtype)  # [B, E]
        return ops.einsum("be,bed->bd", weights, keys)  # [B, D]

    def compute_output_shape(
        self, utterance_shape: tuple[int | None, ...], enabled_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return utterance_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "skills": self.skills}
