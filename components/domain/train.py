"""Trains one domain's network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.domain.corpus import NO_CLASS, DomainCorpus, Rows
from components.domain.loss import Losses, Targets, losses
from components.domain.network import DomainNetwork, Scores
from components.domain.options import DomainOptions
from components.records.domain_schema import DomainSchema
from components.records.encoding.settings import EncoderSettings

_INPUTS = {
    "spelling": tf.TensorSpec([None, None], tf.int32),
    "chars": tf.TensorSpec([None, None], tf.int32),
    "grams": tf.TensorSpec([None], tf.int32),
    "gram_rows": tf.TensorSpec([None], tf.int32),
}
_TARGETS = Targets(
    own=tf.TensorSpec([None], tf.float32),
    intent=tf.TensorSpec([None], tf.int32),
    tags=tf.TensorSpec([None, None], tf.int32),
    allowed=tf.TensorSpec([None, None], tf.bool),
    all_tags=tf.TensorSpec([None, None], tf.int32),
    weight=tf.TensorSpec([None], tf.float32),
)
_WINDOW = 20  # batches that are sorted by length together
_FEW = 5_000  # own requests, below which the slots of all domains teach what words mean
_READ = 512  # requests that are read at once outside training


class Answers:
    """Asks a network for all requests of a corpus, some at a time.

    Args:
        network: Whose weights may change between calls.
    """

    def __init__(self, network: DomainNetwork) -> None:
        self.network = network
        self._read = tf.function(lambda inputs: network(inputs, training=False), input_signature=[_INPUTS])

    def __call__(self, corpus: DomainCorpus) -> Iterator[tuple[Rows, Scores]]:
        """Rows and the answers for them, as arrays."""
        order = np.argsort(corpus.lengths, kind="stable")
        for start in range(0, len(order), _READ):
            rows = order[start : start + _READ]
            scores = self._read(corpus.inputs(rows))
            yield rows, Scores(*(np.asarray(values) for values in scores[:3]))


@dataclass
class Trained:
    """A network and how it came about.

    Attributes:
        network: With the weights of the last epoch.
        answers: Asks it.
        losses: Of each epoch, the dev split's: "domain", "intent" and "tags".
    """

    network: DomainNetwork
    answers: Answers
    losses: list[dict[str, float]] = field(default_factory=list)


def encoder_settings(options: DomainOptions) -> EncoderSettings:
    """The text encoding of every domain model with these options; word ids are not used."""
    return EncoderSettings(word_buckets=options.gram_buckets, gram_buckets=options.gram_buckets)


def build_network(train: DomainCorpus, schema: DomainSchema, options: DomainOptions) -> DomainNetwork:
    """A network as any training begins: equal options and sizes give equal weights."""
    keras.utils.set_random_seed(options.seed)
    return DomainNetwork(
        intents=len(schema.intents),
        tags=schema.tags,
        all_tags=1 + 2 * len(train.all_slots) if train.all_slots and train.own.sum() < _FEW else 0,
        buckets=options.gram_buckets,
        gram_size=options.gram_size,
        char_size=options.char_size,
        form_size=options.form_size,
        hidden_size=options.hidden_size,
        dropout=options.dropout,
        word_dropout=options.word_dropout,
        seed=options.seed,
        name="domain_network",
    )


def train_network(
    network: DomainNetwork,
    train: DomainCorpus,
    dev: DomainCorpus,
    schema: DomainSchema,
    options: DomainOptions,
    *,
    warm: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Trained:
    """Equal beginnings, options, corpora and machine give equal weights.

    The last epoch is taken, at whose end the learning rate is zero. Where dev losses rise before it, that is
    mostly the network's sureness, which calibration mends.

    Args:
        network: Trained in place.
        dev: To tell how it goes; may be empty.
        warm: The network goes on from an earlier training: half the epochs, 2 at least, at half the rate.
    """
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(options.seed)
    epochs, rate = options.epochs_for(len(train)), options.learning_rate
    if warm:
        epochs, rate = min(epochs, max(-(-epochs // 2), 2)), 0.5 * rate
    steps = epochs * -(-len(train) // options.batch_size)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(rate, steps), global_clipnorm=5.0
    )
    optimizer.build(network.trainable_variables)

    def descend(inputs: dict[str, Any], targets: Targets) -> None:
        with tf.GradientTape() as tape:
            loss = _total(losses(network(inputs, training=True), targets), options)
        optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)

    step = tf.function(descend, input_signature=[_INPUTS, _TARGETS])
    trained = Trained(network, Answers(network))
    masks = tag_masks(schema)
    for epoch in range(1, epochs + 1):
        for rows in _shuffled(train, options.batch_size, rng):
            step(train.inputs(rows), targets_of(train, rows, masks))
        found = dev_losses(trained.answers, dev, schema)
        trained.losses.append(found)
        report(f"epoch {epoch}/{epochs}  " + "  ".join(f"{name} {v:.4f}" for name, v in found.items()))
    return trained


def tag_masks(schema: DomainSchema) -> npt.NDArray[np.bool_]:
    """Whether a tag is allowed, by skill and intent: bool [K, I, T]."""
    kinds = schema.kind_mask()
    return np.concatenate([kinds, kinds[..., 1:]], axis=-1)


def targets_of(corpus: DomainCorpus, rows: Rows, masks: npt.NDArray[np.bool_]) -> Targets:
    """What the answers for these rows are compared with."""
    skill, intent = corpus.skill[rows], corpus.intent[rows]
    known = (skill != NO_CLASS) & (intent != NO_CLASS)
    width = max(int(corpus.lengths[rows].max(initial=0)), 1)
    return Targets(
        own=corpus.own[rows].astype(np.float32),
        intent=intent,
        tags=np.where(known[:, None], corpus.tags[rows, :width], -1),
        allowed=masks[np.maximum(skill, 0), np.maximum(intent, 0)],
        all_tags=corpus.all_tags[rows, :width],
        weight=corpus.weight[rows],
    )


def dev_losses(answers: Answers, dev: DomainCorpus, schema: DomainSchema) -> dict[str, float]:
    """The losses over the dev split; 0 where none of its requests tells."""
    masks = tag_masks(schema)
    sums, shares = np.zeros(3), np.zeros(3)
    for rows, scores in answers(dev):
        targets = targets_of(dev, rows, masks)
        found = losses(scores, targets)
        taught = (targets.intent >= 0).sum()
        weights = np.array([len(rows), taught, taught])
        sums += weights * np.array([float(found.domain), float(found.intent), float(found.tags)])
        shares += weights
    return dict(zip(("domain", "intent", "tags"), (sums / np.maximum(shares, 1)).tolist(), strict=True))


def _total(found: Losses, options: DomainOptions) -> Any:
    return found.domain + found.intent + options.tag_weight * (found.tags + found.all_tags)


def _shuffled(corpus: DomainCorpus, size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Every row once, in random batches of requests of similar length."""
    order = rng.permutation(len(corpus))
    for start in range(0, len(order), size * _WINDOW):
        window = order[start : start + size * _WINDOW]
        window = window[np.argsort(corpus.lengths[window], kind="stable")]
        cuts = range(0, len(window), size)
        for cut in rng.permutation(len(cuts)):
            yield window[cuts[cut] : cuts[cut] + size]
