"""Trains the Shortlister's network on one corpus and stops by another."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

from components.records.encoding.limits import CHAR_IDS
from components.shortlister.batches import random_lists, shuffled_batches
from components.shortlister.corpus import Corpus
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import INPUTS, Scorer
from components.shortlister.targets import LossWeights, Targets
from components.shortlister.text_encoder import TextEncoder
from components.shortlister.training_loss import training_loss


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training requests came to; `dev_top1` is None without labelled dev requests."""

    epoch: int
    loss: float
    dev_top1: float | None
    seconds: float
    requests_per_second: float


@dataclass
class Training:
    """A trained network and how it came about. `best_epoch` is the one whose weights the network has."""

    network: Network
    options: ShortlisterOptions
    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0


def text_encoder(options: ShortlisterOptions) -> TextEncoder:
    """The encoder for sized options."""
    if options.word_buckets is None or options.gram_buckets is None:
        raise ValueError("`options` must be sized. Received: word_buckets or gram_buckets of None")
    return TextEncoder(word_buckets=options.word_buckets, gram_buckets=options.gram_buckets)


def build_network(options: ShortlisterOptions, *, skills: int) -> Network:
    """The untrained network for sized options, its weights made from their seed."""
    encoder = text_encoder(options)
    keras.utils.set_random_seed(options.seed)
    return Network(
        skills=skills,
        word_buckets=encoder.word_buckets,
        gram_buckets=encoder.gram_buckets,
        char_ids=CHAR_IDS,
        personalisation=options.personalisation,
        attention=options.attention,
        heads=options.heads,
        selu=options.selu,
        char_size=options.char_size,
        form_size=options.form_size,
        word_size=options.word_size,
        lstm_size=options.lstm_size,
        gram_size=options.gram_size,
        utterance_size=options.utterance_size,
        dropout=options.dropout,
        word_dropout=options.word_dropout,
        gram_dropout=options.gram_dropout,
        seed=options.seed,
    )


def train(
    corpus: Corpus,
    dev: Corpus,
    *,
    skills: int,
    options: ShortlisterOptions,
    report: Callable[[Epoch], None] = lambda epoch: None,
) -> Training:
    """Trains until dev top-1 (against the right skill alone) stops rising; keeps the best epoch's weights.

    Adam with a cosine to zero over `options.epochs`, gradients clipped by norm. Two runs with equal
    arguments on one machine give equal weights.

    Args:
        corpus: Requests to learn from; those that teach nothing are left out.
        dev: Requests to stop by. Without labelled ones all epochs are run.
        skills: Number of skills of the catalogue.
        options: Sized options.
        report: Told of every epoch.

    Raises:
        ValueError: `corpus` has nothing to learn from, or `options` are not sized.
        ArithmeticError: The loss is not finite.
    """
    rows = corpus.teaching
    if len(rows) == 0:
        raise ValueError("`corpus` must hold requests with a label. Received: 0 of them")
    if options.batch_size is None or options.epochs is None:
        raise ValueError("`options` must be sized. Received: batch_size or epochs of None")
    tf.config.experimental.enable_op_determinism()
    network = build_network(options, skills=skills)
    steps = -(-len(rows) // options.batch_size) * options.epochs
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(options.learning_rate, steps),
        global_clipnorm=options.clip_norm,
    )
    optimizer.build(network.trainable_variables)
    step = train_step(network, optimizer, options)
    scorer = Scorer(network, skills=skills)
    rng = np.random.default_rng(options.seed)
    training = Training(network, options)
    best, kept = -1.0, network.get_weights()
    for number in range(1, options.epochs + 1):
        started, total = time.perf_counter(), 0.0
        for batch in shuffled_batches(corpus, rows, size=options.batch_size, rng=rng):
            lists = random_lists(corpus, batch, share=options.random_lists, rng=rng)
            total += float(step(corpus.inputs(batch, lists), corpus.targets(batch))) * len(batch)
        if not math.isfinite(total):
            raise ArithmeticError(
                f"training diverged: the loss of epoch {number} is {total}; lower `learning_rate`, which is "
                f"{options.learning_rate}"
            )
        seconds = time.perf_counter() - started
        top1 = top_1(scorer, dev)
        training.epochs.append(Epoch(number, total / len(rows), top1, seconds, len(rows) / seconds))
        report(training.epochs[-1])
        if top1 is None or top1 > best:
            best, kept, training.best_epoch = -1.0 if top1 is None else top1, network.get_weights(), number
        elif number - training.best_epoch >= options.patience:
            break
    network.set_weights(kept)
    return training


def top_1(scorer: Scorer, corpus: Corpus) -> float | None:
    """Share of the labelled requests whose best skill is the right one; None without any."""
    rows = corpus.scored
    if len(rows) == 0:
        return None
    numbers, _ = scorer.top(corpus, rows, k=1)
    return float(np.mean(numbers[:, 0] == corpus.skill[rows]))


_TARGETS = Targets(
    skill=tf.TensorSpec([None], tf.int32),
    extra=tf.TensorSpec([None, None], tf.int32),
    extra_weight=tf.TensorSpec([None, None], tf.float32),
    negative=tf.TensorSpec([None], tf.int32),
    out_of_scope=tf.TensorSpec([None], tf.bool),
    weight=tf.TensorSpec([None], tf.float32),
)


def train_step(
    network: Network, optimizer: keras.optimizers.Optimizer, options: ShortlisterOptions
) -> Callable[..., tf.Tensor]:
    """One step of gradient descent as a graph: inputs and targets to the mean loss."""
    weights = LossWeights(attention=options.attention_supervision)

    def step(inputs: dict[str, tf.Tensor], known: Targets) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = training_loss(network, inputs, known, weights, options=options)
        optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)
        return loss

    return tf.function(step, input_signature=[INPUTS, _TARGETS])  # type: ignore[no-any-return]
