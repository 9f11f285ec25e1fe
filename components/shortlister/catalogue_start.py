"""A network that begins where the catalogue's text says, by linear algebra alone.

With few requests and thousands of skills the steps of a training are too few for the heads to learn what each
skill's own text already tells. Two closed forms tell it from the first step, both linear in the bag of
n-grams, so that the network begins as their sum:

- words: the matrix of how much an n-gram speaks for a skill, by BM25 (Robertson & Zaragoza, 2009), cut
  down to its first singular vectors (Deerwester et al., 1990, "Indexing by latent semantic analysis"), all
  with the same weight: the rare words are in the small ones;
- meaning, where there is a teacher: the ridge regression of its embeddings on the n-grams, and the mean of
  what that makes of each skill's texts, both as differences from the mean of all texts.

The bag's table holds both side by side, the projection passes it on, the heads compare. Training goes on from
there. Shapes: N texts, G n-gram buckets, K skills, D teacher's embedding, L size of the words' part.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.corpus import Corpus
from components.shortlister.distil.lessons import Lessons
from components.shortlister.network import Network

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.integer[Any]]

_K1, _B = 0.3, 0.6
_MEANING = 1.5  # times the words' part, in standard deviations over the skills
_RIDGE = 0.3
_ROUNDS = 10  # of conjugate gradients
_SPREAD = 0.25  # of the scores over the skills, in units of log K


def bags(corpus: Corpus, buckets: int) -> tf.SparseTensor:
    """The n-grams and word pairs of each text over the root of their number, as in `GramBag`: [N, G]."""
    words = np.repeat(np.arange(len(corpus)), corpus.spelling.lengths)
    grams, of_word = corpus.grams.flat(corpus.spelling.values.astype(np.int64))
    pairs = np.repeat(np.arange(len(corpus)), corpus.pairs.lengths)
    rows = np.concatenate([words[of_word], pairs])
    ids = np.concatenate([grams, corpus.pairs.values]).astype(np.int64)
    real = ids > 0
    number = np.maximum(np.bincount(rows[real], minlength=len(corpus)), 1)
    return _sparse(rows[real], ids[real], 1.0 / np.sqrt(number[rows[real]]), (len(corpus), buckets))


def begin(network: Network, texts: Corpus, lessons: Lessons | None = None) -> None:
    """Sets the network, in place, to what texts and teacher say; dropout and lists are as they were.

    Args:
        network: Untrained, with vectors of the n-grams and of the utterance of one size.
        texts: See `catalogue_text.skill_texts`.
        lessons: Of a teacher, for the meaning; None: words alone.

    Raises:
        ValueError: The sizes differ, or leave nothing for the words beside the embeddings.
    """
    size, skills = network.bag.size, network.skills
    if network.settings["utterance_size"] != size:
        raise ValueError(
            f"`utterance_size` must be `gram_size`, {size}. Received: {network.settings['utterance_size']}"
        )
    room = size - (0 if lessons is None else lessons.embeddings.shape[1])
    if room < 1:
        raise ValueError(f"`gram_size` must be above the teacher's {size - room}. Received: gram_size={size}")
    grams = bags(texts, network.bag.buckets)
    parts = [_of_words(grams, texts.skill, skills, room)]
    if lessons is not None:
        parts.append(_of_meaning(grams, texts.skill, skills, lessons))
    scale = _SPREAD * math.log(skills) / math.sqrt(len(parts))
    tables, offsets, heads = [], [], []
    for share, (table, offset, head) in zip((1.0, _MEANING), parts, strict=False):
        answers = _matmul(grams, table)  # [N, D]
        spread = np.std((answers[:: max(len(answers) // 2_000, 1)] + offset) @ head.T, axis=1).mean()
        factor = math.sqrt(share * scale / max(float(spread), 1e-9))
        tables.append(factor * table)
        offsets.append(factor * offset)
        heads.append(factor * head)
    kernel = np.zeros((network.projection.kernel.shape[0], size), np.float32)
    kernel[-size:] = np.eye(size)
    network.bag.table.assign(np.concatenate(tables, axis=1))
    network.projection.kernel.assign(kernel)
    network.projection.bias.assign(np.concatenate(offsets))
    begun = np.asarray(network.heads.kernel, np.float32).copy()
    begun[:, :size] = np.concatenate(heads, axis=1)
    network.heads.kernel.assign(begun)


def _of_words(grams: tf.SparseTensor, owners: Ints, skills: int, size: int) -> tuple[Floats, Floats, Floats]:
    """Table [G, L], offset [L] and heads [K, L] of the words' part."""
    buckets = grams.shape[1]
    where = grams.indices.numpy()
    keys, counts = np.unique(owners.astype(np.int64)[where[:, 0]] * buckets + where[:, 1], return_counts=True)
    skill, gram = np.divmod(keys, buckets)
    lengths = np.bincount(skill, weights=counts, minlength=skills)
    spread = np.bincount(gram, minlength=buckets)  # how many skills have it
    rarity = np.log1p((skills - spread + 0.5) / (spread + 0.5))
    often = counts / (counts + _K1 * (1 - _B + _B * lengths[skill] / max(lengths.mean(), 1.0)))
    left, right = _singular_vectors(
        _sparse(gram, skill, often * rarity[gram], (buckets, skills)), min(size, skills)
    )
    pad = [(0, 0), (0, size - left.shape[1])]
    return np.pad(left, pad), np.zeros(size, np.float32), np.pad(right, pad)


def _of_meaning(
    grams: tf.SparseTensor, owners: Ints, skills: int, lessons: Lessons
) -> tuple[Floats, Floats, Floats]:
    """Table [G, D], offset [D] and heads [K, D] of the teacher's part; what the embeddings of all texts have
    in common is taken out, or skills whose texts say little else would be near every request."""
    wanted = lessons.embeddings.astype(np.float32)
    table = _ridge(bags(lessons.corpus, grams.shape[1]), wanted - wanted.mean(axis=0))
    images = _matmul(grams, table)  # [N, D]
    centre = images.mean(axis=0)
    images -= centre
    images /= np.maximum(np.linalg.norm(images, axis=1, keepdims=True), 1e-9)
    heads = np.zeros((skills, len(centre)), np.float32)
    np.add.at(heads, owners, images)
    heads /= np.maximum(np.linalg.norm(heads, axis=1, keepdims=True), 1e-9)
    return table, -centre, heads


def _ridge(inputs: tf.SparseTensor, wanted: Floats) -> Floats:
    """The B [G, D] of least |inputs · B - wanted|² + ridge |B|², by conjugate gradients from 0, all columns
    at once."""
    rest = _matmul(inputs, wanted, adjoint=True)  # [G, D]
    found, way, size = np.zeros_like(rest), rest.copy(), (rest * rest).sum(axis=0)
    for _ in range(_ROUNDS):
        image = _matmul(inputs, _matmul(inputs, way), adjoint=True) + _RIDGE * way
        step = size / np.maximum((way * image).sum(axis=0), 1e-12)
        found += step * way
        rest -= step * image
        left = (rest * rest).sum(axis=0)
        way = rest + left / np.maximum(size, 1e-12) * way
        size = left
    return found


def _singular_vectors(matrix: tf.SparseTensor, count: int) -> tuple[Floats, Floats]:
    """The first left and right ones, [G, count] and [K, count]; Halko et al. (2011), one round of powers."""
    rng = np.random.default_rng(0)
    wide = min(count + 16, *matrix.shape)
    image = _matmul(matrix, rng.standard_normal((matrix.shape[1], wide)).astype(np.float32))
    back = np.linalg.qr(_matmul(matrix, np.linalg.qr(image)[0], adjoint=True))[0]
    image = _matmul(matrix, back)
    basis = np.linalg.qr(image)[0]
    small = _matmul(matrix, basis, adjoint=True)  # [K, wide]
    right, _, turn = np.linalg.svd(small, full_matrices=False)
    return (basis @ turn.T)[:, :count], right[:, :count]


def _matmul(left: tf.SparseTensor, right: Floats, *, adjoint: bool = False) -> Floats:
    product: Floats = tf.sparse.sparse_dense_matmul(left, right, adjoint_a=adjoint).numpy()
    return product


def _sparse(
    rows: Ints, columns: Ints, values: npt.NDArray[np.float64], shape: tuple[int, int]
) -> tf.SparseTensor:
    indices = np.stack([rows, columns], axis=1).astype(np.int64)
    return tf.SparseTensor(indices, values.astype(np.float32), shape)
