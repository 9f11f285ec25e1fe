"""Attention over the skills that a customer has enabled."""

from typing import Any

import keras
from keras import ops

FORMS = ("softmax", "sigmoid")


@keras.saving.register_keras_serializable("arbiter")
class EnabledAttention(keras.layers.Layer):
    """Sums up a customer's enabled skills, each weighted by how well it fits the utterance.

    a_i = h · e_i over the enabled skills only, s = Σ_i w_i e_i. "softmax": w = softmax(a), Kim et al. (2018),
    https://arxiv.org/abs/1804.08065, §3.2; the weights add up to 1. "sigmoid": w_i = σ(a_i), Kim & Kim
    (2018), https://arxiv.org/abs/1812.07546; none needs to fit, several may.
    Shapes: B batch, E enabled skills (padded), D utterance vector, K skills.

    Args:
        skills: K; skill number n of the catalogue has id n + 1.
        form: "softmax" or "sigmoid".

    Inputs: utterance float [B, D]; enabled int [B, E], 0 = padding.
    Returns: (summary float [B, D], scores a float32 [B, E]). A customer with no enabled skill gets a summary
        of zeros, not NaN; order does not matter; the scores of padding mean nothing.
    Raises: ValueError: `skills` is not positive or `form` is none of the two.
    """

    def __init__(self, *, skills: int, form: str = "softmax", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if skills < 1:
            raise ValueError(f"`skills` must be positive. Received: skills={skills}")
        if form not in FORMS:
            raise ValueError(f"`form` must be one of {', '.join(FORMS)}. Received: form={form!r}")
        self.skills = skills
        self.form = form

    def build(self, utterance_shape: tuple[int | None, ...], enabled_shape: tuple[int | None, ...]) -> None:
        self.table = self.add_weight(
            name="table",
            shape=(self.skills + 1, utterance_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.05),
        )

    def call(self, utterance: Any, enabled: Any) -> tuple[Any, Any]:
        mask = ops.not_equal(enabled, 0)  # [B, E]
        keys = ops.take(self.table, enabled, axis=0)  # [B, E, D]
        scores = ops.cast(ops.einsum("bd,bed->be", utterance, keys), "float32")  # [B, E]
        if self.form == "softmax":
            weights = ops.softmax(ops.where(mask, scores, -3e38), axis=-1)  # [B, E]
        else:
            weights = ops.sigmoid(scores)
        weights = ops.cast(ops.where(mask, weights, 0.0), self.compute_dtype)
        return ops.einsum("be,bed->bd", weights, keys), scores  # [B, D], [B, E]

    def compute_output_shape(
        self, utterance_shape: tuple[int | None, ...], enabled_shape: tuple[int | None, ...]
    ) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        return utterance_shape, enabled_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "skills": self.skills, "form": self.form}
