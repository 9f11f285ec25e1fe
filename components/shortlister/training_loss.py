"""What one batch costs: the losses of heads and attention put together, each with its weight."""

from typing import Any

from keras import ops

from components.shortlister.attention_loss import distilled_attention, supervised_attention
from components.shortlister.layers.spread import places_among
from components.shortlister.learning_loop.self_distillation import self_distillation_loss
from components.shortlister.loss import (
    NO_SKILL,
    balanced_loss,
    failed_loss,
    ranking_loss,
    uniform_loss,
)
from components.shortlister.negatives import Sample, draw, how_many
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.targets import LossWeights, Targets

ATTENTION_TEMPERATURE = 16.0
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
    """The mean loss of a batch with dropout on: (1 - β) labels + β teacher + γ failed skills + attention.

    Args:
        inputs, targets, weights: See `Network`, `Targets` and `LossWeights`.
        teacher: An earlier state of the network, read without dropout; the two distillations need it.
        options: Say which losses the heads and the attention have, and how many negatives are drawn.

    Returns: A float32 scalar.
    """
    reading, enabled = network.read(inputs, training=True), inputs["enabled"]
    right = ops.concatenate([targets.skill[:, None] + 1, targets.extra], axis=1)  # [B, 1 + P]
    has_skill = ops.cast(targets.skill != NO_SKILL, "float32")  # [B]
    share = ops.concatenate([has_skill[:, None], targets.extra_weight], axis=1)
    share = ops.where(right > 0, share, 0.0)  # [B, 1 + P]
    failed = targets.negative + 1  # [B]
    number = how_many(network.skills, options.negatives)
    sample, columns, failed_column = None, right, failed
    if number is not None:
        named = ops.concatenate([ops.reshape(ids, (-1,)) for ids in (right, failed, enabled)])
        sample = draw(named, skills=network.skills, negatives=number, seed=network.draws)
        columns = places_among(sample.skills, right, network.skills)  # [B, 1 + P]
        failed_column = places_among(sample.skills, failed, network.skills)  # [B]
    scores = _scores(network, reading, enabled, sample)  # [B, M]
    log_weights = None if sample is None else sample.log_weights
    outside = ops.cast(targets.out_of_scope, "float32")  # [B]
    loss = _of_labels(
        scores, columns, share, weights.out_of_scope * outside, log_weights, network.skills, options
    )
    if teacher is not None:
        taught = teacher.read(inputs, training=False)
        of_labels = loss

        def with_outputs() -> Any:
            taught_scores = _scores(teacher, taught, enabled, sample)
            soft = self_distillation_loss(scores, taught_scores, options, log_weights=log_weights)
            return (1.0 - weights.distillation) * of_labels + weights.distillation * soft

        used = ops.convert_to_tensor(weights.distillation) > 0.0  # else a teacher of attention alone
        loss = ops.cond(used, with_outputs, lambda: of_labels)
        if reading.attention is not None and options.attention_distillation:
            loss += weights.attention_distillation * distilled_attention(
                reading.attention,
                taught.attention,
                enabled,
                temperature=ATTENTION_TEMPERATURE,
                form=options.attention,
            )
    choice = options.heads in ("softmax", "cosine")
    loss += weights.negative * failed_loss(scores, failed_column, choice=choice, log_weights=log_weights)
    if reading.attention is not None and options.attention_supervision > 0.0:
        known = ops.logical_or(ops.any(share > 0.0, axis=-1), targets.out_of_scope)
        loss += weights.attention * supervised_attention(
            reading.attention, enabled, right, known, form=options.attention
        )
    return ops.mean(targets.weight * loss)


def _of_labels(
    scores: Any,
    columns: Any,
    share: Any,
    outside: Any,
    log_weights: Any,
    skills: int,
    options: ShortlisterOptions,
) -> Any:
    """What the labels cost, by the form of the heads: float [B]."""
    ranking = ranking_loss(scores, columns, share, log_weights=log_weights)
    if options.heads in ("softmax", "cosine"):
        return ranking + outside * uniform_loss(scores, log_weights=log_weights)
    of_right = ops.cast(ops.any(share > 0.0, axis=-1), "float32")  # [B]
    each, each_outside = (
        (1.0, 1.0) if options.heads == "sigmoid" else (1.0 / max(skills - 1, 1), 1.0 / skills)
    )
    others = each * of_right + each_outside * outside
    loss = balanced_loss(scores, columns, share, others=others, log_weights=log_weights)
    if options.heads == "sigmoid" or options.ranking == 0.0:
        return loss
    return loss + options.ranking * ranking


def _scores(network: Network, reading: Any, enabled: Any, sample: Sample | None) -> Any:
    """Of all skills or of the sample: float32 [B, M]."""
    if sample is None:
        return network.scores(reading, enabled)
    return network.subset_scores(reading, enabled, sample.skills)
