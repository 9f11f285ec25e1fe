"""Trains HypRank on arrays."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import ops

from components.hyprank.batches import batch, signature
from components.hyprank.lists import RankLists
from components.hyprank.losses import ORDER_LOSSES, cross_entropy
from components.hyprank.network import HypRankNetwork, Outputs
from components.hyprank.options import HypRankOptions

Floats = npt.NDArray[np.float32]
_SCORED = 4096  # lists scored at once


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training lists came to: the mean loss of a list, there and on dev."""

    epoch: int
    loss: float
    dev_loss: float


@dataclass(frozen=True)
class Training:
    """A trained network, with the weights of its best epoch by the dev loss, and what its epochs came to."""

    network: HypRankNetwork
    epochs: tuple[Epoch, ...]
    best_epoch: int


def build_network(
    lists: RankLists, table: Floats, options: HypRankOptions, *, key: int, vectors: int = 0
) -> HypRankNetwork:
    """A network as any training begins, its features standardised by `lists`. Arguments as of `train`."""
    keras.utils.set_random_seed(options.seed)
    network = HypRankNetwork(
        features=lists.features.shape[2],
        skill_features=table.shape[1],
        key=key,
        vectors=vectors,
        context=options.context,
        order=options.order,
        skill_size=options.skill_size,
        lstm_size=options.lstm_size,
        hidden_size=options.hidden_size,
        dropout=options.dropout,
        vector_dropout=options.vectors_dropped(len(lists)),
        seed=options.seed,
    )
    network.standardise(lists.features, lists.mask)
    return network


def train(
    lists: RankLists,
    dev: RankLists,
    table: Floats,
    options: HypRankOptions,
    *,
    key: int,
    vectors: int = 0,
    start: HypRankNetwork | None = None,
    report: Callable[[Epoch], None] = lambda epoch: None,
) -> Training:
    """Trains a network on `lists`, and stops by `dev`.

    Lists without a right answer are left out of what the order is learnt by. Those of which it is known that
    none is right teach "none" and the confidences all the same.

    Args:
        lists: Of requests that no earlier stage has learnt from.
        dev: Of others; its `also_correct` is not looked at.
        table: The skill table, float32 [K + 1, T]; row 0 stands for any skill that it lacks.
        key: Number of the feature that "shortlister" orders by.
        vectors: How many features, the last ones, are numbers of names' vectors.
        start: The network to begin with, which is trained in place; None: one as any training begins.

    Raises:
        ValueError: No list has a right answer.
    """
    if not (lists.right & lists.mask).any():
        raise ValueError("`lists` must have a right answer somewhere. Received: none")
    network = start or build_network(lists, table, options, key=key, vectors=vectors)
    steps = math.ceil(len(lists) / options.lists_a_step(len(lists)))
    schedule = keras.optimizers.schedules.CosineDecay(options.learning_rate, steps * options.epochs)
    adam = keras.optimizers.Adam(schedule, global_clipnorm=options.clip_norm)
    adam.build(network.trainable_variables)

    def step(inputs: dict[str, Any]) -> Any:
        with tf.GradientTape() as tape:
            loss = ops.mean(_losses(network(inputs, training=True), inputs, options))
        gradients = tape.gradient(loss, network.trainable_variables)
        pairs = zip(gradients, network.trainable_variables, strict=True)
        adam.apply_gradients([(gradient, weight) for gradient, weight in pairs if gradient is not None])
        return loss

    def loss_of(inputs: dict[str, Any]) -> Any:
        return ops.sum(_losses(network(inputs), inputs, options))

    shapes = [signature(lists.features.shape[2], table.shape[1])]
    take_step, dev_loss_of = (tf.function(each, input_signature=shapes) for each in (step, loss_of))
    rng = np.random.default_rng(options.seed)
    epochs: list[Epoch] = []
    best, best_weights = 0, network.get_weights()
    for number in range(1, options.epochs + 1):
        order = rng.permutation(len(lists))
        parts = np.array_split(order, steps)
        loss = sum(float(take_step(batch(lists, part, table))) * len(part) for part in parts) / len(lists)
        places = np.array_split(np.arange(len(dev)), math.ceil(len(dev) / _SCORED)) if len(dev) else []
        dev_loss = sum(float(dev_loss_of(batch(dev, part, table))) for part in places) / max(len(dev), 1)
        epochs.append(Epoch(number, loss, dev_loss))
        report(epochs[-1])
        if best == 0 or not len(dev) or dev_loss < epochs[best - 1].dev_loss:
            best, best_weights = number, network.get_weights()
        elif number - best >= options.patience:
            break
    network.set_weights(best_weights)
    return Training(network, tuple(epochs), best)


def scored(network: HypRankNetwork, lists: RankLists, table: Floats) -> Outputs:
    """What the network says of the lists, as arrays: scores and log-odds [N, k], none [N]."""
    shapes = [signature(lists.features.shape[2], table.shape[1])]
    answer = tf.function(lambda inputs: network(inputs), input_signature=shapes)
    places = np.array_split(np.arange(len(lists)), max(math.ceil(len(lists) / _SCORED), 1))
    parts = [answer(batch(lists, part, table)) for part in places]
    return Outputs(
        *(np.concatenate([np.asarray(value) for value in column]) for column in zip(*parts, strict=True))
    )


def _losses(outputs: Outputs, inputs: dict[str, Any], options: HypRankOptions) -> Any:
    """The weighted loss of each list, [B]."""
    right, known = inputs["right"], inputs["known"]
    order = ORDER_LOSSES[options.loss](outputs.scores, right, known)
    sure = cross_entropy(outputs.log_odds, right, known)
    some = ops.any(ops.logical_and(right, known), axis=-1)
    none = ops.where(some, ops.softplus(outputs.none), ops.softplus(-outputs.none))
    loss = order + options.confidence * (sure + ops.where(inputs["judged"], none, 0.0))
    return inputs["weight"] * loss
