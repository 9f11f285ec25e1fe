"""Trains the rows of new skills on frozen features; nothing else of the network moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import keras
import msgspec
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.expand.features import Features
from components.shortlister.expand.rows import SkillRows
from components.shortlister.layers.enabled_attention import EnabledAttention
from components.shortlister.layers.skill_heads import SkillHeads
from components.shortlister.network import Network, Reading
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ints, Ragged
from components.shortlister.targets import LossWeights, Targets
from components.shortlister.training_loss import training_loss

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FrozenRequests:
    """Requests by their utterance vectors [N, H], skills [N], enabled lists and weights [N]."""

    utterance: Floats
    skill: Ints
    lists: Ragged
    weight: Floats

    def joined(self, other: "FrozenRequests") -> "FrozenRequests":
        """These, then `other`."""
        return FrozenRequests(
            np.concatenate([self.utterance, other.utterance]),
            np.concatenate([self.skill, other.skill]),
            Ragged.join([self.lists, other.lists]),
            np.concatenate([self.weight, other.weight]),
        )


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """How new skills are fitted.

    Attributes:
        epochs: Passes over the new skills' requests and the reservoir, more where these are few.
        batch_size: Requests a step.
        least_steps: Steps at least.
        learning_rate: At the start; a cosine takes it to zero.
        hold: Strength of the pull of each new weight to its start, in requests.
        protect: How much a request of an old skill counts beside one of a new skill. Above 1: the old skills
            know these requests by heart, and hold their ground better against the new ones on them than on
            others.
        newcomers: How often new skills are put into the lists of old requests, beside how often lists have
            old skills; 0: never.
        seed: Of order and random lists.
    """

    epochs: int = 3
    batch_size: int = 512
    least_steps: int = 100
    learning_rate: float = 0.02
    hold: float = 1.0
    protect: float = 2.0
    newcomers: float = 1.0
    seed: int = 0


def reservoir(features: Features, *, protect: float) -> FrozenRequests:
    """The kept requests of old skills, weighted to stand for all of them, `protect` times over."""
    kept = np.bincount(features.skill, minlength=len(features))
    weight = protect * features.requests / np.maximum(kept, 1)
    return FrozenRequests(
        features.utterance, features.skill, features.lists, weight[features.skill].astype(np.float32)
    )


def fit_rows(
    network: Network,
    start: SkillRows,
    requests: FrozenRequests,
    *,
    options: ShortlisterOptions,
    fit: FitOptions = FitOptions(),
) -> SkillRows:
    """The rows of new skills that make the training's own loss smallest, near where they start.

    Args:
        network: Knows the old skills; not changed.
        start: Of the new skills.
        requests: Of old skills (0 … K-1) and new ones (K … K+M-1), and their lists, number + 1.
        options: Of the network's training: which loss, and how often a list is another request's.
        fit: How.

    Returns: The new rows. The old ones are the network's.
    """
    if len(requests.skill) == 0:
        return start
    model = _Frozen(network, start)
    options = msgspec.structs.replace(options, negatives=model.skills)  # all: the few rows are cheap
    a_pass = -(-len(requests.skill) // fit.batch_size)
    epochs = max(fit.epochs, -(-fit.least_steps // a_pass))
    steps = a_pass * epochs
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(fit.learning_rate, steps))
    optimizer.build(model.trained)
    pull = fit.hold / float(requests.weight.sum())
    weights = LossWeights(attention=options.attention_supervision)

    def step(inputs: dict[str, Any], targets: Targets) -> None:
        with tf.GradientTape() as tape:
            loss = training_loss(cast(Network, model), inputs, targets, weights, options=options)
            for weight, origin in zip(model.trained, model.origins, strict=True):
                loss += 0.5 * pull * tf.reduce_sum(tf.square(weight - origin))
        optimizer.apply(tape.gradient(loss, model.trained), model.trained)

    graph = tf.function(step, reduce_retracing=True)
    for inputs, targets in _batches(requests, network.skills, model.skills, epochs, options, fit):
        graph(inputs, targets)
    return model.rows()


class _Frozen:
    """A network that starts from utterance vectors and learns the rows of the new skills alone."""

    def __init__(self, network: Network, start: SkillRows) -> None:
        self._network = network
        self._old = network.skills
        self.skills = network.skills + len(start)
        old = network.heads
        heads: Any = SkillHeads(skills=len(start), form=old.form, flags=old.flags, pointer=old.pointer)
        heads.build((1, start.kernel.shape[1] // (2 if old.form == "selu" else 1)))
        self.trained: list[Any] = [heads.kernel]
        heads.kernel.assign(start.kernel)
        if start.bias is not None:
            heads.bias.assign(start.bias)
            self.trained.append(heads.bias)
        if start.flag is not None:
            heads.flag.assign(np.pad(start.flag, [(1, 0), (0, 0)]))
            self.trained.append(heads.flag)
        for shared in ("scale", "point"):
            if getattr(old, shared, None) is not None:
                getattr(heads, shared).assign(getattr(old, shared))
        self._heads = heads
        self._embedding: Any = None
        self._attention: Any = None
        if network.attention is not None and start.embedding is not None:
            self._embedding = keras.Variable(start.embedding)
            self._table: Any = network.attention.table
            self.trained.append(self._embedding)
            self._attention = EnabledAttention(skills=self.skills, form=network.attention.form)
            self._attention.build((1, start.embedding.shape[1]), (None, None))
        self.origins = [tf.constant(weight.numpy()) for weight in self.trained]

    def read(self, inputs: dict[str, Any], training: bool = False) -> Reading:
        utterance = request = inputs["utterance"]  # [B, H]
        attention = None
        if self._attention is not None:
            table = tf.concat([self._table.value, self._embedding.value], axis=0)
            (summary, attention), _ = self._attention.stateless_call(
                [table], [], utterance, inputs["enabled"]
            )
            request = tf.concat([utterance, summary], axis=-1)  # [B, 2H]
        if self._network.hidden is not None:
            request = self._network.hidden(request)
        return Reading(utterance, attention, request)

    def scores(self, reading: Reading, enabled: Any) -> Any:
        """Of the old skills, then of the new: [B, K + M]."""
        old = tf.where(enabled <= self._old, enabled, 0)
        new = tf.maximum(enabled - self._old, 0)
        scores = (
            heads(reading.request, places, None, reading.attention)
            for heads, places in ((self._network.heads, old), (self._heads, new))
        )
        return tf.concat(list(scores), axis=1)

    def rows(self) -> SkillRows:
        heads = self._heads
        return SkillRows(
            embedding=None if self._embedding is None else self._embedding.numpy(),
            kernel=heads.kernel.numpy(),
            bias=None if heads.bias is None else heads.bias.numpy(),
            flag=None if heads.flag is None else heads.flag.numpy()[1:],
        )


def _batches(
    requests: FrozenRequests,
    old: int,
    skills: int,
    epochs: int,
    options: ShortlisterOptions,
    fit: FitOptions,
) -> Iterator[tuple[dict[str, Any], Targets]]:
    """Every request once an epoch, in random order; a share of them with another's enabled list."""
    rng = np.random.default_rng(fit.seed)
    count = len(requests.skill)
    lists = _with_newcomers(requests, old, skills, fit.newcomers, rng)
    for _ in range(epochs):
        order = rng.permutation(count)
        for at in range(0, count, fit.batch_size):
            rows = order[at : at + fit.batch_size]
            swapped = rng.random(len(rows)) < options.random_lists
            owners = np.where(swapped, rng.integers(0, count, len(rows)), rows)
            inputs = {"utterance": requests.utterance[rows], "enabled": lists.pad(owners)}
            none = np.zeros((len(rows), 0), np.int32)
            targets = Targets(
                skill=requests.skill[rows],
                extra=none,
                extra_weight=none.astype(np.float32),
                negative=np.full(len(rows), -1, np.int32),
                out_of_scope=np.zeros(len(rows), np.bool_),
                weight=requests.weight[rows],
            )
            yield (
                {name: tf.constant(value) for name, value in inputs.items()},
                Targets(*map(tf.constant, targets)),
            )


def _with_newcomers(
    requests: FrozenRequests, old: int, skills: int, times: float, rng: np.random.Generator
) -> Ragged:
    """The enabled lists, where those of requests for old skills have new skills too, as they will have.

    The kept requests come from before the new skills were there: as they stand, who has a new skill enabled
    always asks for it. So each list that has a skill at all gets new ones, `times` as often as it has old
    ones.
    """
    padded = requests.lists.pad(np.arange(len(requests.skill)))  # [N, E]
    lengths = requests.lists.lengths
    before = (requests.skill < old) & (lengths > 0)
    rate = times * lengths[before].mean() * (skills - old) / old if before.any() else 0.0
    number = np.where(before, np.minimum(rng.poisson(rate, len(before)), skills - old), 0)
    extra = rng.integers(old + 1, skills + 1, (len(before), int(number.max(initial=0))))
    extra = np.where(np.arange(extra.shape[1]) < number[:, None], extra, 0)
    return Ragged.pack(np.concatenate([padded, extra], axis=1))
