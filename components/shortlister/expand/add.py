"""New skills for a trained network: their features, where they start, and how they are fitted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from components.records.skill import Skill
from components.shortlister.corpus import Corpus
from components.shortlister.expand.features import Features
from components.shortlister.expand.fit import FitOptions, fit_rows
from components.shortlister.expand.frozen import FrozenRequests, reservoir
from components.shortlister.expand.gather import Reader, features_of, pieces, text_vectors
from components.shortlister.expand.rows import SkillRows, skill_rows
from components.shortlister.expand.start import start_rows
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts

_SCARCE = 25  # requests and examples of a new skill, below which it learns from its description too
_PER_SKILL = 10  # kept requests of an old skill that a change looks at
_OLD_SCORES = 1 << 30  # of old skills for these requests: half a minute on one core


def add_skills(
    network: Network,
    features: Features,
    skills: Sequence[Skill],
    requests: Corpus,
    encode: Callable[[Any], dict[str, Any]],
    *,
    options: ShortlisterOptions,
    trust: float = 0.0,
    fit: FitOptions = FitOptions(),  # noqa: B008 (frozen)
) -> tuple[SkillRows, Features]:
    """The rows of new skills, and their features.

    Args:
        network, features: Of the K old skills.
        skills, requests, encode: See `read_new`.
        options: Of the network's training.
        trust: What `list_trust` added to the network.
        fit: How the rows are fitted.

    Raises:
        ValueError: A skill has neither a request nor a word of text.
    """
    new, learnt_from = read_new(network, len(features), skills, requests, encode)
    start = start_rows(skill_rows(network), features, new)
    looked_at = beside_old(learnt_from, features, protect=fit.protect)
    return fit_rows(network, start, looked_at, options=options, trust=trust, fit=fit), new


def beside_old(learnt_from: FrozenRequests, features: Features, *, protect: float) -> FrozenRequests:
    """The requests of new skills behind those of old ones, of these as many as the time allows.

    No new skill counts for more than the mean old one: how many requests somebody wrote down for it says
    nothing of how often it will be asked for.

    Args:
        learnt_from: Of the new skills; see `read_new`.
        features: Of the old skills.
        protect: See `FitOptions`.
    """
    most = min(_PER_SKILL * len(features), _OLD_SCORES // len(features))
    kept = reservoir(features, protect=protect, most=max(most, 1))
    count = np.bincount(learnt_from.skill)[learnt_from.skill]
    usual = features.requests[features.requests > 0].mean() if features.requests.any() else np.inf
    weight = learnt_from.weight * np.minimum(1.0, usual / count)
    return kept.joined(replace(learnt_from, weight=weight.astype(np.float32)))


def read_new(
    network: Network,
    old: int,
    skills: Sequence[Skill],
    requests: Corpus,
    encode: Callable[[Any], dict[str, Any]],
) -> tuple[Features, FrozenRequests]:
    """What the network makes of new skills: their features, and what they learn from.

    A skill learns from its requests and examples; where these are fewer than 25, from its name and
    description as well.

    Args:
        network: Reads the text.
        old: Number of old skills, K.
        skills: The new ones.
        requests: Theirs, numbered from K on; others are left out. May be empty.
        encode: String [B] to encoded text; see `TextEncoder`.

    Raises:
        ValueError: A skill has neither a request nor a word of text.
    """
    read = Reader(network)
    said = text_vectors(read, skills, encode)
    rows = requests.scored[requests.skill[requests.scored] >= old]
    texts, owners = _texts(skills, np.bincount(requests.skill[rows] - old, minlength=len(skills)))
    spoken = corpus_of_texts(texts, encode)
    vectors = np.concatenate([read(requests, rows), read(spoken, np.arange(len(spoken)))])
    skill = np.concatenate([requests.skill[rows] - old, owners]).astype(np.int32)
    lists = Ragged.join([requests.enabled.take(rows), spoken.enabled])
    new = features_of(vectors, skill, lists, text=said, enabled=np.zeros(len(skills), np.int32))
    for number, entry in enumerate(skills):
        if new.requests[number] == 0:
            raise ValueError(
                f"`{entry.skill_id}` must have a request, an example, a name or a description to learn from. "
                "Received: none"
            )
    return new, FrozenRequests(vectors, skill + np.int32(old), lists, np.ones(len(skill), np.float32))


def _texts(skills: Sequence[Skill], requests: Any) -> tuple[list[str], Any]:
    """What is learnt from of each skill beside its requests, and whose each text is."""
    texts: list[str] = []
    owners: list[int] = []
    for number, skill in enumerate(skills):
        scarce = requests[number] + len(skill.examples) < _SCARCE
        found = pieces(skill) if scarce else list(skill.examples)
        texts += found
        owners += [number] * len(found)
    return texts, np.array(owners, np.int32)
