"""Batches, cut while the step before them runs."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from components.shortlister.batches import random_lists, shuffled_batches
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.predict import INPUTS
from components.shortlister.targets import Targets

Batch = tuple[Rows, Rows]
"""The rows of one global batch, and the rows whose enabled lists they are trained with."""

_AHEAD = 4
_TARGETS = Targets(
    skill=tf.TensorSpec([None], tf.int32),
    extra=tf.TensorSpec([None, None], tf.int32),
    extra_weight=tf.TensorSpec([None, None], tf.float32),
    negative=tf.TensorSpec([None], tf.int32),
    out_of_scope=tf.TensorSpec([None], tf.bool),
    weight=tf.TensorSpec([None], tf.float32),
)


def planned(
    corpus: Corpus, rows: Rows, *, size: int, random_share: float, rng: np.random.Generator
) -> list[Batch]:
    """One epoch: every row once, in random batches of similar length, some with another request's list."""
    return [
        (batch, random_lists(corpus, batch, share=random_share, rng=rng))
        for batch in shuffled_batches(corpus, rows, size=size, rng=rng)
    ]


def fed(corpus: Corpus, plan: Sequence[Batch], strategy: tf.distribute.Strategy) -> Iterator[Any]:
    """The batches of `plan` as tensors, a few ahead of who takes them.

    Yields for each replica its part of the global batch: inputs, targets, and its share of the batch's rows,
    float32 []. A batch of fewer rows than replicas leaves some a part of share 0.
    """
    replicas = strategy.num_replicas_in_sync

    def parts() -> Iterator[tuple[dict[str, Any], Targets, np.float32]]:
        for rows, lists in plan:
            for places in np.array_split(np.arange(len(rows)), replicas):
                real = places if len(places) else np.zeros(1, np.int64)
                share = np.float32(len(places) / len(rows))
                yield corpus.inputs(rows[real], lists[real]), corpus.targets(rows[real]), share

    signature = (INPUTS, _TARGETS, tf.TensorSpec([], tf.float32))

    def dataset(_: tf.distribute.InputContext) -> tf.data.Dataset:
        made = tf.data.Dataset.from_generator(parts, output_signature=signature)
        return made.prefetch(_AHEAD * replicas)

    return iter(strategy.distribute_datasets_from_function(dataset))
