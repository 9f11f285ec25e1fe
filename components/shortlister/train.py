"""Trains the Shortlister's network on one corpus and stops by another."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from components.records.encoding.limits import CHAR_IDS
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.records.news import NEWS
from components.shortlister import devices
from components.shortlister.checkpoint import Checkpoint
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.events import Events
from components.shortlister.list_trust import top_1
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Epoch, Phase
from components.shortlister.predict import Scorer
from components.shortlister.session import Session
from components.shortlister.step import TrainingStep

_DEV_MOST = 30_000  # dev requests that an epoch is judged by: accuracy to ±0.3 points


@dataclass
class Training:
    """A trained network and how it came about.

    Attributes:
        network: In float32, with the weights of `best_epoch`.
        options: As given.
        epochs: All of the phase's, also those from before a checkpoint.
        best_epoch: Counted from 1.
        resumed_from: The epochs that a checkpoint had done when this training began; None without one.
        precision: The dtype policy that it was trained in.
        replicas: The devices that shared every batch.
    """

    network: Network
    options: ShortlisterOptions
    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    resumed_from: int | None = None
    precision: str = "float32"
    replicas: int = 1


def text_encoder(options: ShortlisterOptions) -> TextEncoder:
    """The encoder for sized options."""
    if options.word_buckets is None or options.gram_buckets is None:
        raise ValueError("`options` must be sized. Received: word_buckets or gram_buckets of None")
    return TextEncoder(EncoderSettings(word_buckets=options.word_buckets, gram_buckets=options.gram_buckets))


def build_network(options: ShortlisterOptions, *, skills: int) -> Network:
    """The untrained network for sized options, its weights made from their seed."""
    encoder = text_encoder(options)
    if options.gram_size is None or options.utterance_size is None:
        raise ValueError("`options` must be sized. Received: gram_size or utterance_size of None")
    keras.utils.set_random_seed(options.seed)
    return Network(
        skills=skills,
        word_buckets=encoder.settings.word_buckets,
        gram_buckets=encoder.settings.gram_buckets,
        char_ids=CHAR_IDS,
        personalisation=options.personalisation,
        attention=options.attention,
        pointer=options.pointer,
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
    start: Network | None = None,
    phase: Phase | None = None,
    after_epoch: Callable[[int, Scorer], None] = lambda epoch, scorer: None,
    checkpoints: Path | None = None,
    log_dir: Path | None = None,
    report: Callable[[Epoch], None] = lambda epoch: None,
) -> Training:
    """Trains until dev top-1 (against the right skill alone, lists trusted as dev asks for) stops rising;
    keeps the best epoch's weights.

    Adam with a cosine to zero over the phase's epochs, gradients clipped by norm. Two runs with equal
    arguments on one machine give equal weights, cut short and resumed or not.

    Args:
        corpus: Requests to learn from; those that teach nothing are left out.
        dev: Requests to stop by, at most 30,000 of them. Without labelled ones all epochs are run.
        skills: Number of skills of the catalogue.
        options: Sized options.
        start: Whose weights to begin with; None begins from the seed.
        phase: What to do; None is `Phase.first`, the whole training that the options ask for.
        after_epoch: Called after every epoch with its number and a scorer of the network as it is then. What
            it keeps it keeps by epoch: an epoch that was cut short before its checkpoint is run again.
        checkpoints: A folder that belongs to this training alone, where its state is kept after every epoch
            and every five minutes; it goes on from what it finds there. None keeps nothing.
        log_dir: Where TensorBoard's event files go, in a folder named for the phase.
        report: Told of every epoch, first of those from before a checkpoint.

    Raises:
        ValueError: `corpus` has nothing to learn from, or `options` are not sized.
        ArithmeticError: The loss is not finite.
    """
    phase = phase or Phase.first(options)
    rows = corpus.teaching
    if len(rows) == 0:
        raise ValueError("`corpus` must hold requests with a label. Received: 0 of them")
    if options.batch_size is None:
        raise ValueError("`options` must be sized. Received: batch_size of None")
    tf.config.experimental.enable_op_determinism()
    strategy = devices.strategy()
    policy = devices.precision(options.precision)
    with strategy.scope(), devices.dtype_policy(policy):
        network = build_network(options, skills=skills)
        teacher = build_network(options, skills=skills) if phase.keep_teacher else None
        if start is not None:
            network.set_weights(start.get_weights())
        if teacher is not None:
            teacher.set_weights(network.get_weights())
        step = TrainingStep(
            network,
            teacher,
            learning_rate=phase.learning_rate,
            steps=phase.epochs * -(-len(rows) // options.batch_size),
            options=options,
            strategy=strategy,
        )
    scorer = Scorer(network, skills=skills)
    with closing(Events(None if log_dir is None else log_dir / phase.name)) as events:
        session = Session(
            network,
            teacher,
            step,
            corpus=corpus,
            phase=phase,
            options=options,
            strategy=strategy,
            checkpoint=None if checkpoints is None else Checkpoint(checkpoints / f"{phase.name}.npz"),
            events=events,
        )
        if session.resumed_from is not None:
            NEWS.info("%s: resumed from epoch %d", phase.name, session.resumed_from)
        for epoch in session.progress.epochs:
            report(epoch)
        judged = _sample(dev.scored, options.seed)
        while not session.progress.finished:
            epoch = session.run_epoch(lambda: top_1(scorer, dev, judged))
            after_epoch(epoch.epoch, scorer)
            session.save()
            report(epoch)
    plain = policy == "float32" and strategy.num_replicas_in_sync == 1
    trained = network if plain else build_network(options, skills=skills)
    trained.set_weights(session.best)
    progress = session.progress
    return Training(
        trained,
        options,
        epochs=progress.epochs,
        best_epoch=progress.best_epoch,
        resumed_from=session.resumed_from,
        precision=policy,
        replicas=strategy.num_replicas_in_sync,
    )


def _sample(rows: Rows, seed: int) -> Rows:
    """At most 30,000 of the rows, the same for the whole training."""
    if len(rows) <= _DEV_MOST:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, _DEV_MOST, replace=False))
