"""What one batch costs: the losses of heads and attention put together, each with its weight."""

from typing import Any

from keras import ops

from components.shortlister.learning_loop.self_distillation import self_distillation_loss
from components.shortlister.loss import (
    NO_SKILL,
    balanced_loss,
    failed_loss,
    ranking_loss,
    tempered_loss,
    uniform_loss,
)
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.targets import LossWeights, Targets

TEMPERATURE = 16.0
"""Of a teacher's attention; Kim & Kim (2018)."""


def training_loss(
    network: Network,
    inputs: dict[str, Any],
    targets: Targets,
    weights: LossWeights,
    *,
    teacher: Network | None = None,
    options: ShortlisterOptions,
) -> Any:
    """The mean loss of a batch, a float32 scalar, with dropout on.

    Args:
        inputs, targets, weights: See `Network`, `Targets` and `LossWeights`.
        teacher: An earlier state of the network, read without dropout; needed by the two distillations.
        options: Say which losses the heads and the attention have.
    """
    reading = network.read(inputs, training=True)
    enabled = inputs["enabled"]
    scores = network.scores(reading, enabled)  # [B, K]
    columns = ops.concatenate([targets.skill[:, None] + 1, targets.extra], axis=1)  # [B, 1 + P]
    has_skill = ops.cast(targets.skill != NO_SKILL, "float32")  # [B]
    share = ops.concatenate([has_skill[:, None], targets.extra_weight], axis=1)
    share = ops.where(columns > 0, share, 0.0)  # [B, 1 + P]
    outside = ops.cast(targets.out_of_scope, "float32")  # [B]
    choice = options.heads in ("softmax", "cosine")
    if choice:
        loss = ranking_loss(scores, columns, share) + weights.out_of_scope * outside * uniform_loss(scores)
    else:
        binary = options.heads == "sigmoid"
        skills = network.skills
        of_right = has_skill * (1.0 if binary else 1.0 / max(skills - 1, 1))
        of_none = outside * (1.0 if binary else 1.0 / skills)
        loss = balanced_loss(scores, columns, share, others=of_right + weights.out_of_scope * of_none)
        if options.heads == "two_class" and options.ranking > 0.0:
            loss += options.ranking * ranking_loss(scores, columns, share)
    if teacher is not None:
        taught = teacher.read(inputs, training=False)
        soft = self_distillation_loss(scores, teacher.scores(taught, enabled), options)
        loss = (1.0 - weights.distillation) * loss + weights.distillation * soft
        if reading.attention is not None:
            soft = tempered_loss(reading.attention, taught.attention, temperature=TEMPERATURE)
            loss += weights.attention_distillation * ops.sum(ops.where(enabled > 0, soft, 0.0), axis=-1)
    loss += weights.negative * failed_loss(scores, targets.negative + 1, choice=choice)
    if reading.attention is not None and options.attention_supervision > 0.0:
        right = ops.any(ops.equal(enabled[:, :, None], columns[:, None, :]), axis=-1)  # [B, E]
        sign = ops.where(right, -1.0, 1.0)
        loss += weights.attention * ops.sum(
            ops.where(enabled > 0, ops.softplus(sign * reading.attention), 0.0), axis=-1
        )
    return ops.mean(targets.weight * loss)
