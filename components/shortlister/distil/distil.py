"""Teaches the small network what a teacher says of many texts."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.shortlister.batches import shuffled_batches
from components.shortlister.distil.lessons import Lessons
from components.shortlister.network import Network
from components.shortlister.optimizer import FusedAdam
from components.shortlister.predict import INPUTS
from components.shortlister.teacher.fine_tune import Heads

BATCH = 256


def distil(
    network: Network,
    lessons: Lessons,
    *,
    epochs: int,
    learning_rate: float = 2e-3,
    clip_norm: float = 5.0,
    seed: int = 0,
    report: Callable[[int, float], None] = lambda epoch, loss: None,
) -> None:
    """Trains the network, in place, to see texts as the teacher does.

    Two losses, both after Hinton et al. (2015), https://arxiv.org/abs/1503.02531, and Tang et al. (2019): the
    cross-entropy of a softmax over the network's scores to the teacher's, and 1 - cosine between the
    teacher's embedding and a linear image of the utterance vector, which is thrown away afterwards. The
    teacher is not tempered: most of the texts are variations, of which it is unsure as it is. No skill is
    enabled. Adam with a cosine to zero.

    Args:
        network: With as many skills as the teacher.
        lessons: See `prepare_lessons`.
        epochs: Passes over the texts.
        learning_rate, clip_norm: Of Adam, and the largest norm of a gradient.
        seed: Of the order.
        report: Told of each epoch and its mean loss.
    """
    image = keras.layers.Dense(lessons.heads.kernel.shape[0])
    image.build((None, network.settings["utterance_size"]))
    variables = [*network.trainable_variables, *image.trainable_variables]
    rows = np.arange(len(lessons.corpus))
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, epochs * -(-len(rows) // BATCH))
    optimizer = FusedAdam(schedule, clip_norm=clip_norm)
    optimizer.build(variables)
    step = _step(network, image, optimizer, lessons.heads)
    rng = np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch in shuffled_batches(lessons.corpus, rows, size=BATCH, rng=rng):
            embeddings = lessons.embeddings[batch].astype(np.float32)
            total += float(step(lessons.corpus.inputs(batch), embeddings)) * len(batch)
        report(epoch, total / len(rows))


def distillation_loss(
    network: Network, image: keras.Layer, heads: Heads, inputs: Any, embeddings: Any
) -> Any:
    """The mean loss of a batch whose teacher's embeddings are float32 [B, D]; see `distil`."""
    reading = network.read(inputs, training=True)
    scores = network.scores(reading, inputs["enabled"])  # [B, K]
    logits = keras.ops.matmul(embeddings, heads.kernel) + heads.bias  # [B, K]
    taught = keras.ops.softmax(logits, axis=-1)
    choice = -keras.ops.sum(taught * keras.ops.log_softmax(scores, axis=-1), axis=-1)  # [B]
    seen = keras.ops.normalize(keras.ops.cast(image(reading.utterance), "float32"), axis=-1)  # [B, D]
    return keras.ops.mean(choice + 1.0 - keras.ops.sum(seen * embeddings, axis=-1))


def _step(
    network: Network, image: keras.Layer, optimizer: keras.optimizers.Optimizer, heads: Heads
) -> Callable[..., tf.Tensor]:
    """One step of gradient descent as a graph: inputs and embeddings [B, D] to the mean loss."""

    def step(inputs: dict[str, tf.Tensor], embeddings: tf.Tensor) -> tf.Tensor:
        variables = [*network.trainable_variables, *image.trainable_variables]
        with tf.GradientTape() as tape:
            loss = distillation_loss(network, image, heads, inputs, embeddings)
        gradients = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        optimizer.apply(gradients, variables)
        return loss

    return tf.function(  # type: ignore[no-any-return]
        step, input_signature=[INPUTS, tf.TensorSpec([None, heads.kernel.shape[0]], tf.float32)]
    )
