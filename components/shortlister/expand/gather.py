"""Frozen features: what a trained network makes of requests and of what a skill says of itself."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.skill import Skill
from components.shortlister.corpus import Corpus
from components.shortlister.expand.features import Features
from components.shortlister.expand.reader import Reader
from components.shortlister.network import Network
from components.shortlister.ragged import Ints, Ragged
from components.shortlister.read_corpus import corpus_of_texts

PER_SKILL = 20
"""Requests kept of a skill."""

_MOST_KEPT = 100_000
_WORDS = 10  # a description is read in pieces as long as a request
_MOST_PIECES = 12
_SENTENCES = re.compile(r"[.;:!?,\n]+")

Floats = npt.NDArray[np.float32]


def gather(
    network: Network, corpus: Corpus, skills: Sequence[Skill], encode: Callable[[Any], dict[str, Any]]
) -> Features:
    """The features of a network and the requests that it was trained on.

    Of each skill 20 requests are kept, fewer where that makes more than 100,000.

    Args:
        network: Trained.
        corpus: Its training requests.
        skills: In row order.
        encode: String [B] to encoded text; see `TextEncoder`.
    """
    rows, read = corpus.scored, Reader(network)
    return features_of(
        read(corpus, rows),
        corpus.skill[rows],
        corpus.enabled.take(rows),
        text=text_vectors(read, skills, encode),
        enabled=np.bincount(corpus.enabled.values, minlength=len(skills) + 1)[1:].astype(np.int32),
    )


def features_of(vectors: Floats, skill: Ints, lists: Ragged, *, text: Floats, enabled: Ints) -> Features:
    """Puts together the features of K skills from N requests.

    Args:
        vectors: Of the requests, [N, H].
        skill: Their skills, [N].
        lists: Their enabled skills.
        text: Of the skills, [K, H].
        enabled: [K], how often each skill's embedding was trained.
    """
    count = np.bincount(skill, minlength=len(text))  # [K]
    limit = max(min(PER_SKILL, _MOST_KEPT // max(len(text), 1)), 1)
    order = np.random.default_rng(0).permutation(len(skill))
    order = order[np.argsort(skill[order], kind="stable")]
    place = np.arange(len(order)) - np.searchsorted(skill[order], skill[order])  # among its skill's
    sample = order[place < limit]
    return Features(
        mean=mean_of_each(vectors, skill, len(text)),
        text=text,
        requests=count.astype(np.int32),
        enabled=enabled,
        utterance=vectors[sample],
        skill=skill[sample],
        lists=lists.take(sample),
    )


def text_vectors(read: Reader, skills: Sequence[Skill], encode: Callable[[Any], dict[str, Any]]) -> Floats:
    """The mean utterance vector of what each skill says of itself, [K, H]; zeros where it says nothing.

    An example counts as it is; a description is cut into pieces as long as a request.
    """
    texts, owners = owned([pieces(skill) for skill in skills])
    return mean_of_each(spoken_vectors(read, texts, encode), owners, len(skills))


def spoken_vectors(read: Reader, texts: Sequence[str], encode: Callable[[Any], dict[str, Any]]) -> Floats:
    """The utterance vectors of texts, [N, H]; each distinct one is read once."""
    place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    vectors = read(corpus_of_texts(list(place), encode), np.arange(len(place)))
    return vectors[np.array([place[text] for text in texts], np.int64)]


def owned(texts: Sequence[Sequence[str]]) -> tuple[list[str], Ints]:
    """The texts of each skill end to end, and whose each is."""
    owners = np.repeat(np.arange(len(texts), dtype=np.int32), [len(found) for found in texts])
    return [text for found in texts for text in found], owners


def mean_of_each(vectors: Floats, owners: Ints, skills: int) -> Floats:
    """The mean vector of each skill's texts, [K, H]; zeros where it has none."""
    total = np.zeros((skills, vectors.shape[1]), np.float32)
    np.add.at(total, owners, vectors)
    count = np.maximum(np.bincount(owners, minlength=skills), 1)
    return total / count.astype(np.float32)[:, None]


def pieces(skill: Skill) -> list[str]:
    """What a skill says of itself, as texts of a request's length: at most twelve, its examples first."""
    found = list(skill.examples)
    for prose in (skill.name, skill.description):
        for sentence in _SENTENCES.split(prose or ""):
            words = sentence.split()
            for start in range(0, len(words), _WORDS):
                found.append(" ".join(words[start : start + _WORDS]))
    return found[:_MOST_PIECES]
