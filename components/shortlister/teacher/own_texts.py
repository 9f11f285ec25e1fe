"""Teaches a pretrained encoder to find the other texts of the skill that a text is of.

A catalogue has several texts of each skill and few requests. Fine-tuned with a head for each skill, an
encoder would learn by heart which text is whose. Here one text of each skill is a query, and others of its
texts are to be found among those of the other skills of the batch, so that their language alone can tell:
the inverse cloze task of Lee et al. (2019), https://arxiv.org/abs/1906.00300, with negatives from the batch
as Karpukhin et al. (2020), https://arxiv.org/abs/2004.04906, have them. Skills whose queries are alike, as
the encoder sees them when an epoch begins, share a batch; after Xiong et al. (2020),
https://arxiv.org/abs/2007.00808.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.catalogue_text import TextRow
from components.shortlister.teacher.fine_tune import CLIP, warmed_adam
from components.shortlister.teacher.sentence_encoder import SentenceEncoder

BATCH = 32  # skills
_ALIKE = 4  # skills of a batch that are alike, and then others
_OTHERS = 2  # texts of a skill that its query has to find
_SHORT = 10  # words of a text that stands for a request at most
_TOKENS = 26  # of a text that are read, [CLS] and [SEP] among them: any run of a longer one
_NEAREST = 10.0  # times a cosine: how much a skill's nearest text counts above its others
_SHARPNESS = 20.0  # times a cosine: the choice among the skills

Tokens = npt.NDArray[np.int32]


def fine_tune_by_own_texts(
    encoder: SentenceEncoder,
    requests: Sequence[TextRow],
    written: Sequence[TextRow],
    *,
    epochs: int,
    learning_rate: float = 1e-4,
    seed: int = 0,
    report: Callable[[int, float], None] = lambda epoch, loss: None,
) -> None:
    """Trains the encoder's layers, in place; the token embeddings stay. Nothing is done where fewer than two
    skills have two texts.

    The score of a skill is 1/10 · log Σ exp(10 cos) over two of its texts, the loss the cross-entropy of a
    softmax over the skills of the batch. Every skill with two texts is in one batch an epoch. Its query is
    one of its requests; or, without any, one of its short texts.

    Args:
        requests: What skills were asked with.
        written: What their owners wrote of them.
        epochs: Passes over the skills.
        learning_rate: At its highest; see `warmed_adam`.
        seed: Of every choice.
        report: Told of each epoch and its mean loss.
    """
    skills = _skills(requests, written)
    if len(skills) < 2:
        return
    steps = epochs * -(-len(skills) // BATCH)
    step, rng = _step(encoder, rate=learning_rate, steps=steps), np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        queries = [asked[int(rng.integers(len(asked)))] for asked, _ in skills]
        total = 0.0
        for batch in _batches(encoder(queries), rng):
            others = [text for row in batch for text in _others(skills[row][1], queries[row], rng)]
            asked = _tokens(encoder, [queries[row] for row in batch], rng)
            total += float(step(asked, _tokens(encoder, others, rng))) * len(batch)
        report(epoch, total / len(skills))


def _skills(requests: Sequence[TextRow], written: Sequence[TextRow]) -> list[tuple[list[str], list[str]]]:
    """Of each skill with two texts: those that can be a query, and all of them."""
    asked: dict[int, dict[str, None]] = {}
    texts: dict[int, dict[str, None]] = {}
    for row in requests:
        asked.setdefault(row.skill, {})[row.text] = None
    for row in (*requests, *written):
        texts.setdefault(row.skill, {})[row.text] = None
    found = []
    for skill, every in texts.items():
        short = [text for text in every if len(text.split()) <= _SHORT]
        if len(every) > 1:
            found.append((list(asked.get(skill, ())) or short or list(every), list(every)))
    return found


def _others(texts: Sequence[str], query: str, rng: np.random.Generator) -> list[str]:
    """Texts of a skill other than its query, different ones if there are as many."""
    left = [text for text in texts if text != query]
    return [left[place] for place in rng.choice(len(left), _OTHERS, replace=len(left) < _OTHERS)]


def _batches(queries: npt.NDArray[np.float32], rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """Every row of `queries` once, nearest ones together."""
    left, groups = np.ones(len(queries), np.bool_), []
    for first in rng.permutation(len(queries)):
        if left[first]:
            likeness = np.where(left, queries @ queries[first], -np.inf)
            likeness[first] = np.inf
            group = np.argsort(-likeness, kind="stable")[: min(_ALIKE, int(left.sum()))]
            left[group] = False
            groups.append(group)
    rows = np.concatenate([groups[place] for place in rng.permutation(len(groups))])
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _tokens(encoder: SentenceEncoder, texts: list[str], rng: np.random.Generator) -> Tokens:
    """The tokens of each text, padded with 0: [B, T]."""
    cut = []
    for ids in encoder.pretrained.tokens(texts):
        start = int(rng.integers(max(len(ids) - _TOKENS, 0) + 1))
        cut.append([ids[0], *ids[1:-1][start : start + _TOKENS - 2], ids[-1]])
    padded = np.zeros((len(cut), max(map(len, cut))), np.int32)
    for row, ids in enumerate(cut):
        padded[row, : len(ids)] = ids
    return padded


def _step(encoder: SentenceEncoder, *, rate: float, steps: int) -> Callable[[Tokens, Tokens], tf.Tensor]:
    """One step as a graph: queries [B, T] and the texts of each in a row [2B, U] to the mean loss."""
    layers = encoder.layer_weights
    optimizer = warmed_adam(layers, highest=rate, steps=steps)

    def step(queries: tf.Tensor, texts: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            cosines = tf.matmul(encoder.embed(queries), encoder.embed(texts), transpose_b=True)  # [B, 2B]
            near = tf.reshape(_NEAREST * cosines, [tf.shape(queries)[0], -1, _OTHERS])
            scores = _SHARPNESS / _NEAREST * tf.reduce_logsumexp(near, axis=-1)  # [B, B]
            own = tf.range(tf.shape(queries)[0])
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(own, scores))
        gradients = tape.gradient(loss, layers)
        gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(part) for part in gradients], CLIP)
        optimizer.apply(gradients, layers)
        return loss

    tokens = tf.TensorSpec([None, None], tf.int32)
    return tf.function(step, input_signature=[tokens, tokens])  # type: ignore[no-any-return]
