"""Teaches a pretrained encoder the skills of a catalogue from labelled texts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.teacher.sentence_encoder import SentenceEncoder

BATCH = 64
_SHARPNESS = 10.0  # of the heads at the start: logits are cosines times this
_HEAD_RATE = 100.0  # the heads learn this much faster than the encoder
_WARM_UP = 0.1  # share of the steps over which the learning rate rises
CLIP = 1.0
_WINDOW = 20  # batches that are sorted by length together


@dataclass(frozen=True)
class Heads:
    """A linear classifier over sentence embeddings: logits = embedding · kernel + bias.

    Attributes:
        kernel: float32 [D, K].
        bias: float32 [K].
    """

    kernel: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def fine_tune(
    encoder: SentenceEncoder,
    texts: Sequence[str],
    skill: npt.NDArray[np.int32],
    *,
    skills: int,
    epochs: int,
    learning_rate: float = 1e-4,
    seed: int = 0,
    report: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Heads:
    """Trains the encoder's layers, in place, and a softmax over the skills; the token embeddings stay.

    Adam, the rate rising over the first tenth of the steps and falling to zero. The heads start at the mean
    embedding of each skill's texts.

    Args:
        texts: N of them.
        skill: [N], the right skill's number, or negative for a text that none can serve, which is taught as
            an even choice.
        skills: K.
        epochs: Passes over the texts.
        learning_rate: Of the encoder at its highest.
        seed: Of the order.
        report: Told of each epoch and its mean loss.

    Raises:
        ValueError: There are no texts.
    """
    if not texts:
        raise ValueError("`texts` must hold at least one text to fine-tune a teacher. Received: none")
    tokens = encoder.pretrained.tokens(list(texts))
    lengths = np.array([len(ids) for ids in tokens])
    kernel = keras.Variable(_SHARPNESS * mean_directions(encoder(texts), skill, skills).T)  # [D, K]
    bias = keras.Variable(np.zeros(skills, np.float32))
    step = _step(encoder, kernel, bias, rate=learning_rate, steps=epochs * -(-len(texts) // BATCH))
    rng = np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        total = 0.0
        for rows in _batches(lengths, rng):
            padded = np.zeros((len(rows), int(lengths[rows].max())), np.int32)  # [B, T]
            for place, row in enumerate(rows):
                padded[place, : lengths[row]] = tokens[row]
            total += float(step(padded, skill[rows])) * len(rows)
        report(epoch, total / len(texts))
    return Heads(kernel.numpy(), bias.numpy())


def fine_tune_mean(
    encoder: SentenceEncoder,
    texts: Sequence[str],
    skill: npt.NDArray[np.int32],
    *,
    skills: int,
    epochs: int,
    runs: int,
    seed: int = 0,
    report: Callable[[int, int, float], None] = lambda run, epoch, loss: None,
) -> Heads:
    """The mean weights of several fine-tunings that differ in their order alone, in place; see `fine_tune`.

    Wortsman et al. (2022), Model soups, https://arxiv.org/abs/2203.05482: they begin at the same weights, so
    their mean is nearly as good as the mean of their answers, and reads a text once.

    Args:
        runs: How many; the first has the order of `seed`.
        report: Told of each run, its epoch and that one's mean loss.
    """
    begin = [weight.numpy() for weight in encoder.layer_weights]
    found: list[list[npt.NDArray[np.float32]]] = []
    for run in range(runs):
        _assign(encoder, begin)
        heads = fine_tune(
            encoder,
            texts,
            skill,
            skills=skills,
            epochs=epochs,
            seed=seed + run,
            report=partial(report, run + 1),
        )
        found.append([*(weight.numpy() for weight in encoder.layer_weights), heads.kernel, heads.bias])
    *layers, kernel, bias = [np.mean(weights, axis=0) for weights in zip(*found, strict=True)]
    _assign(encoder, layers)
    return Heads(kernel, bias)


def warmed_adam(weights: list[keras.Variable], *, highest: float, steps: int) -> keras.optimizers.Optimizer:
    """Adam for these weights, whose rate rises to `highest` over the first tenth of the steps and falls to
    zero."""
    warm_up = max(int(_WARM_UP * steps), 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(steps - warm_up, 1), warmup_target=highest, warmup_steps=warm_up
    )
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build(weights)
    return optimizer


def _assign(encoder: SentenceEncoder, values: Sequence[npt.NDArray[np.float32]]) -> None:
    for weight, value in zip(encoder.layer_weights, values, strict=True):
        weight.assign(value)


def _step(
    encoder: SentenceEncoder, kernel: keras.Variable, bias: keras.Variable, *, rate: float, steps: int
) -> Callable[..., tf.Tensor]:
    """One step as a graph: tokens [B, T], skill [B] to the mean loss."""
    layers, heads = encoder.layer_weights, [kernel, bias]
    slow = warmed_adam(layers, highest=rate, steps=steps)
    fast = warmed_adam(heads, highest=_HEAD_RATE * rate, steps=steps)

    def step(tokens: Any, skill: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.matmul(encoder.embed(tokens), kernel) + bias  # [B, K]
            log_p = tf.nn.log_softmax(logits)
            known = tf.one_hot(skill, log_p.shape[1])  # [B, K], zeros for a negative number
            even = tf.cast(skill < 0, tf.float32)[:, None] / log_p.shape[1]
            loss = -tf.reduce_mean(tf.reduce_sum((known + even) * log_p, axis=-1))
        gradients = tape.gradient(loss, layers + heads)
        gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(part) for part in gradients], CLIP)
        slow.apply(gradients[: len(layers)], layers)
        fast.apply(gradients[len(layers) :], heads)
        return loss

    return tf.function(  # type: ignore[no-any-return]
        step, input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )


def mean_directions(
    embeddings: npt.NDArray[np.float32], skill: npt.NDArray[np.int32], skills: int
) -> npt.NDArray[np.float32]:
    """The direction of each skill's mean embedding: [K, D]; zeros for a skill without texts."""
    total = np.zeros((skills, embeddings.shape[1]), np.float32)
    np.add.at(total, skill[skill >= 0], embeddings[skill >= 0])
    means: npt.NDArray[np.float32] = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
    return means


def _batches(lengths: npt.NDArray[np.int64], rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """Every row once, in random batches of texts of similar length."""
    order = rng.permutation(len(lengths))
    for start in range(0, len(order), BATCH * _WINDOW):
        window = order[start : start + BATCH * _WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        for cut in BATCH * rng.permutation(-(-len(window) // BATCH)):
            yield window[cut : cut + BATCH]
