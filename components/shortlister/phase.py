"""One stretch of a training, and what its epochs came to."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from components.shortlister.learning_loop.schedule import ramp
from components.shortlister.options import ShortlisterOptions
from components.shortlister.targets import LossWeights

WARM = "warm"
"""Name of the phase that goes on from an earlier training."""


@dataclass(frozen=True)
class Phase:
    """How long and how fast to train, and for which loss. A training is one phase or several in a row.

    Attributes:
        name: Of this phase among those of one training; it names its checkpoint and its log, and its random
            order follows from it and the seed.
        epochs: At most; the learning rate falls to zero over them.
        learning_rate: At the start.
        patience: Epochs without a better dev accuracy after which the phase ends.
        schedule: The weights of the loss's terms in each epoch, counted from 1.
        keep_teacher: Whether the loss may compare with a frozen copy of the best epoch so far. Until an epoch
            is done it is a copy of the network that the phase starts from.
    """

    name: str
    epochs: int
    learning_rate: float
    patience: int
    schedule: Callable[[int], LossWeights] = lambda epoch: LossWeights()
    keep_teacher: bool = False

    @classmethod
    def first(cls, options: ShortlisterOptions) -> "Phase":
        """The training from scratch that sized options ask for, its attention supervised as they say.

        Kim & Kim (2018), https://arxiv.org/abs/1812.07546: with self-distillation the supervision
        gives way to the teacher's attention by β = 1 - 0.95^t, t the number of epochs done.
        """
        if options.epochs is None:
            raise ValueError("`options` must be sized. Received: epochs of None")
        alpha, distilled = options.attention_supervision, options.attention_distillation

        def schedule(epoch: int) -> LossWeights:
            beta = ramp(epoch - 1) if distilled else 0.0
            return LossWeights(attention=alpha * (1.0 - beta), attention_distillation=alpha * beta)

        return cls(
            "train",
            epochs=options.epochs,
            learning_rate=options.learning_rate,
            patience=options.patience,
            schedule=schedule,
            keep_teacher=distilled,
        )

    @classmethod
    def warm(cls, options: ShortlisterOptions) -> "Phase":
        """The training that goes on from an earlier one: half the epochs, at half the rate."""
        first = cls.first(options)
        return replace(
            first, name=WARM, epochs=-(-first.epochs // 2), learning_rate=0.5 * first.learning_rate
        )

    def rng(self, seed: int, epoch: int) -> np.random.Generator:
        """The random numbers of one epoch: any epoch can be begun again without those before it."""
        return np.random.default_rng([seed, *self.name.encode(), epoch])


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training requests came to.

    Attributes:
        epoch: Counted from 1 in its phase.
        loss: Mean of the requests.
        dev_top1: None without labelled dev requests.
        learning_rate: Of the last step.
        seconds: Of the training steps; `dev_seconds` of the scoring after them.
        requests_per_second: In the training steps.
        phase: The name of the phase.
    """

    epoch: int
    loss: float
    dev_top1: float | None
    learning_rate: float
    seconds: float
    dev_seconds: float
    requests_per_second: float
    phase: str
