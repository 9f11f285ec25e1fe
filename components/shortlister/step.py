"""One step of gradient descent, on one device or on several."""

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from components.shortlister.network import Network
from components.shortlister.optimizer import FusedAdam
from components.shortlister.options import ShortlisterOptions
from components.shortlister.targets import LossWeights
from components.shortlister.training_loss import training_loss


class TrainingStep:
    """Takes one global batch from an iterator, cut in one part for each replica, and moves the weights.

    The gradient is that of the mean over the global batch, whatever the sizes of the parts: each part's
    mean counts by its share. Made within the strategy's scope.

    Args:
        network: Trained.
        teacher: A frozen copy that the loss may compare with, or None.
        learning_rate: At the start; it falls to zero by a cosine over `steps`.
        options: Of the loss.
        strategy: Where the replicas are.
    """

    def __init__(
        self,
        network: Network,
        teacher: Network | None,
        *,
        learning_rate: float,
        steps: int,
        options: ShortlisterOptions,
        strategy: tf.distribute.Strategy,
    ) -> None:
        self._network, self._teacher, self._options, self._strategy = network, teacher, options, strategy
        schedule = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
        self.adam = FusedAdam(schedule, clip_norm=options.clip_norm)
        scaled = network.dtype_policy.name == "mixed_float16"
        self.optimizer = keras.optimizers.LossScaleOptimizer(self.adam) if scaled else self.adam
        self.optimizer.build(network.trainable_variables)
        self._run = tf.function(self._all_replicas)

    def __call__(self, batches: Iterator[Any], weights: LossWeights) -> tf.Tensor:
        """The mean loss of the next batch; raises `OutOfRangeError` where there is none."""
        return self._run(batches, LossWeights(*(tf.constant(value, tf.float32) for value in weights)))

    def _all_replicas(self, batches: Iterator[Any], weights: LossWeights) -> tf.Tensor:
        losses = self._strategy.run(self._one_replica, args=(next(batches), weights))
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    def _one_replica(self, part: Any, weights: LossWeights) -> tf.Tensor:
        inputs, targets, share = part
        variables = self._network.trainable_variables
        with tf.GradientTape() as tape:
            loss = share * training_loss(
                self._network, inputs, targets, weights, teacher=self._teacher, options=self._options
            )
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, variables)
        used = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        gradients, variables = (list(column) for column in zip(*used, strict=True))
        self.optimizer.apply(gradients, variables)
        return loss
