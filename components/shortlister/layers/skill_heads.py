"""One small classifier per skill, all in one matrix product."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("arbiter")
class SkillHeads(keras.layers.Layer):
    """Two outputs per skill, in and out of its domain, and the log-odds between them.

    Kim et al. (2018), §3.3: z_d = SeLU(W_d r_d + b_d) ∈ R², p_d(in) = σ(z_d[in] - z_d[out]). The flag of an
    enabled skill is an input of its own head only: a weight per head beside the shared product.
    Shapes: B batch, D request vector, K skills.

    Args:
        skills: K.
        selu: Whether SeLU is applied to the outputs, as in the paper. It floors each at -1.76.

    Inputs: vector float [B, D]; flags float [B, K], or None for heads without the flag.
    Returns: float [B, K], log-odds of "in the skill's domain" as the balanced loss trains them (before the
        log(K - 1) correction of `components.shortlister.loss`).
    Raises: ValueError: `skills` is not positive.
    """

    def __init__(self, *, skills: int, selu: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if skills < 1:
            raise ValueError(f"`skills` must be positive. Received: skills={skills}")
        self.skills = skills
        self.selu = selu

    def build(
        self, vector_shape: tuple[int | None, ...], flags_shape: tuple[int | None, ...] | None = None
    ) -> None:
        self.kernel = self.add_weight(
            name="kernel", shape=(vector_shape[-1], 2 * self.skills), initializer="glorot_uniform"
        )
        self.bias = self.add_weight(name="bias", shape=(2 * self.skills,), initializer="zeros")
        self.flag = None
        if flags_shape is not None:
            self.flag = self.add_weight(name="flag", shape=(2, self.skills), initializer="zeros")

    def call(self, vector: Any, flags: Any = None) -> Any:
        outputs = ops.matmul(vector, self.kernel) + self.bias  # [B, 2K]
        inside, outside = outputs[:, : self.skills], outputs[:, self.skills :]  # [B, K] each
        if self.flag is not None:
            inside, outside = inside + flags * self.flag[0], outside + flags * self.flag[1]
        if self.selu:
            inside, outside = ops.selu(inside), ops.selu(outside)
        return inside - outside  # [B, K]

    def compute_output_shape(
        self, vector_shape: tuple[int | None, ...], flags_shape: tuple[int | None, ...] | None = None
    ) -> tuple[int | None, ...]:
        return (vector_shape[0], self.skills)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "skills": self.skills, "selu": self.selu}
