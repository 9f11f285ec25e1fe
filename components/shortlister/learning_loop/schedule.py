"""How much each part of the loss counts in the epochs of the two phases."""

from collections.abc import Callable

from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.targets import LossWeights

_DECAY = 0.95


def ramp(epoch: int) -> float:
    """1 - 0.95^t: slowly from 0 towards 1.

    >>> [round(ramp(epoch), 3) for epoch in (0, 1, 5)]
    [0.0, 0.05, 0.226]
    """
    return 1.0 - _DECAY**epoch


def first_phase(options: LearningLoopOptions) -> Callable[[int], LossWeights]:
    """The weights of the training from scratch: failures count `gamma_first` if they are listened to."""
    negative = options.gamma_first if options.negative_feedback else 0.0
    return lambda epoch: LossWeights(negative=negative)


def second_phase(options: LearningLoopOptions) -> Callable[[int], LossWeights]:
    """γ_t = gamma_first + gamma_max (1 - 0.95^t) and β_t = 1 - 0.95^t, t counted from 1, of what is on."""

    def weights(epoch: int) -> LossWeights:
        negative = options.gamma_first + options.gamma_max * ramp(epoch)
        return LossWeights(
            negative=negative if options.negative_feedback else 0.0,
            distillation=ramp(epoch) if options.self_distillation else 0.0,
        )

    return weights


def with_attention(
    labels: Callable[[int], LossWeights], attention: Callable[[int], LossWeights], *, done: int = 0
) -> Callable[[int], LossWeights]:
    """The weights of `labels` with those that `attention` has for the attention, after `done` epochs."""

    def weights(epoch: int) -> LossWeights:
        of_attention = attention(done + epoch)
        return labels(epoch)._replace(
            attention=of_attention.attention, attention_distillation=of_attention.attention_distillation
        )

    return weights
