"""One small classifier per skill, all in one matrix product."""

import math
from typing import Any

import keras
from keras import ops

from components.shortlister.layers.spread import places_among, spread

FORMS = ("affine", "selu", "cosine")
_POINTER = 20.0  # times |e|² of a new embedding, 0.3 at size 128: what full attention adds to the log-odds


@keras.saving.register_keras_serializable("arbiter")
class SkillHeads(keras.layers.Layer):
    """A score per skill from the request vector and from whether the customer has enabled the skill.

    "selu": two outputs, in and out of the skill's domain, z_d = SeLU(W_d r_d + b_d) ∈ R², and the log-odds
    between them, z_d[in] - z_d[out]; Kim et al. (2018), https://arxiv.org/abs/1804.08065, §3.3. "affine": the
    same without SeLU; the difference of two affine maps is one, so each head has one output. "cosine":
    τ · cos(r, w_d) with a learned τ, Li et al. (2019), https://arxiv.org/abs/1905.00921.
    The flag of an enabled skill is an input of its own head only: a weight per head beside the product. It
    begins at log(K)/2, roughly what being listed tells, so that a rare skill has it from the start. The
    pointer (our own) adds u + v · a to the log-odds of an enabled skill whose attention score is a, with u
    and v shared by all: what attention finds it points at.
    Shapes: B batch, R request vector, E enabled skills (padded), K skills, M chosen skills.

    Args:
        skills: K; skill number n of the catalogue has id n + 1.
        form: "affine", "selu" or "cosine".
        flags: Whether the flag is used.
        pointer: Whether the pointer is.

    Inputs: request float [B, R]; enabled int [B, E], 0 = padding; chosen int [M], distinct skill numbers, or
        None for all skills; attention float [B, E], the scores of the enabled skills, for the pointer;
        columns, what `columns()` gave, for a graph that only answers.
    Returns: float32 [B, K] or [B, M]: what the losses of `components.shortlister.loss` are taken of.
    Raises: ValueError: `skills` is not positive or `form` is none of the three.
    """

    def __init__(
        self, *, skills: int, form: str = "affine", flags: bool = True, pointer: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if skills < 1:
            raise ValueError(f"`skills` must be positive. Received: skills={skills}")
        if form not in FORMS:
            raise ValueError(f"`form` must be one of {', '.join(FORMS)}. Received: form={form!r}")
        self.skills = skills
        self.form = form
        self.flags = flags
        self.pointer = pointer

    def build(self, request_shape: tuple[int, ...], *shapes: tuple[int | None, ...]) -> None:
        outputs = 2 if self.form == "selu" else 1
        width = request_shape[-1]
        self.kernel = self.add_weight(
            name="kernel", shape=(self.skills, outputs * width), initializer="glorot_uniform"
        )
        self.bias = self.scale = self.flag = None
        if self.form == "cosine":
            self.scale = self.add_weight(
                name="scale", shape=(), initializer=keras.initializers.Constant(10.0)
            )
        else:
            self.bias = self.add_weight(name="bias", shape=(self.skills, outputs), initializer="zeros")
        if self.flags:
            self.flag = self.add_weight(
                name="flag", shape=(self.skills + 1, outputs), initializer=self._usual
            )
        if self.pointer:
            self.point = self.add_weight(name="point", shape=(2,), initializer="ones")

    def _usual(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """Flags that add log(K)/2 to the log-odds; Adam would take thousands of steps to get there."""
        add = 0.5 * math.log(self.skills)
        return ops.broadcast_to(ops.array([add / 2, -add / 2] if shape[1] == 2 else [add], dtype), shape)

    def point_at(self, embeddings: Any) -> None:
        """Has each head begin by looking for its own skill at the end of the request vector.

        There the attention's summary Σ_i w_i e_i of the enabled skills stands. A head that begins as c · e_d
        scores its skill by w_d from the first step, instead of learning from its own few requests what e_d
        looks like. An initial value and no more: training is free to leave it.

        Args:
            embeddings: float [K, H] with H ≤ R, the e_d of all skills.
        """
        gain = {"affine": [_POINTER], "selu": [_POINTER / 2, -_POINTER / 2], "cosine": [1.0]}[self.form]
        width = embeddings.shape[1]
        parts = ops.split(ops.convert_to_tensor(self.kernel), len(gain), axis=1)
        begun = [
            ops.concatenate([part[:, :-width], each * embeddings], axis=1)
            for each, part in zip(gain, parts, strict=True)
        ]
        self.kernel.assign(ops.concatenate(begun, axis=1))

    def columns(self, chosen: Any = None) -> list[Any]:
        """The kernel as a product with requests reads it, one float [R, M] for each output.

        Laid out like this once and for all, 40,000 heads take half the time that turning the kernel over
        within the product takes.
        """
        kernel = self.kernel if chosen is None else ops.take(self.kernel, chosen, axis=0)  # [M, outputs·R]
        if self.form == "cosine":
            kernel = ops.normalize(kernel, axis=-1)
        parts = ops.split(kernel, 2, axis=1) if self.form == "selu" else [kernel]
        return [ops.transpose(part) for part in parts]

    def call(
        self, request: Any, enabled: Any, chosen: Any = None, attention: Any = None, columns: Any = None
    ) -> Any:
        bias, places, size = self.bias, enabled, self.skills
        if chosen is not None:
            bias = None if bias is None else ops.take(bias, chosen, axis=0)  # [M, outputs]
            places, size = places_among(chosen, enabled, self.skills), ops.shape(chosen)[0]
        if self.form == "cosine":
            request = ops.normalize(request, axis=-1)
        outputs = []
        for number, part in enumerate(self.columns(chosen) if columns is None else columns):
            output = ops.cast(ops.matmul(request, part), "float32")  # [B, M]
            if self.scale is not None:
                output *= ops.cast(self.scale, "float32")
            if bias is not None:
                output += ops.cast(bias[:, number], "float32")
            if self.flag is not None:
                bonus = ops.cast(ops.take(self.flag[:, number], enabled, axis=0), "float32")  # [B, E]
                output += spread(places, bonus, size)
            outputs.append(output)
        scores = outputs[0] if self.form != "selu" else ops.selu(outputs[0]) - ops.selu(outputs[1])
        if self.pointer:
            point = ops.cast(self.point, "float32")
            scores += spread(places, point[0] + point[1] * ops.cast(attention, "float32"), size)
        return scores  # [B, M]

    def compute_output_shape(
        self, request_shape: tuple[int | None, ...], *shapes: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (request_shape[0], self.skills if len(shapes) < 2 else shapes[1][0])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "skills": self.skills,
            "form": self.form,
            "flags": self.flags,
            "pointer": self.pointer,
        }
