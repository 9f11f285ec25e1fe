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
from components.shortlister.expand.gather import features_of, mean_of_each, owned, pieces, spoken_vectors
from components.shortlister.expand.reader import Reader
from components.shortlister.expand.rows import SkillRows, skill_rows
from components.shortlister.expand.start import start_rows
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ragged

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
    looked_at = beside_old(learnt_from, features, new=len(new), fit=fit)
    return fit_rows(network, start, looked_at, options=options, trust=trust, fit=fit), new


def beside_old(
    learnt_from: FrozenRequests, features: Features, *, new: int, fit: FitOptions
) -> FrozenRequests:
    """The requests of new skills behind those of old ones, of these as many as the time allows.

    No new skill counts for more than the mean old one: how many requests somebody wrote down for it says
    nothing of how often it will be asked for.

    Args:
        learnt_from: Of the new skills; see `read_new`.
        features: Of the old skills.
        new: How many skills are new.
        fit: How much an old request counts.
    """
    most = min(_PER_SKILL * len(features), _OLD_SCORES // len(features))
    protect = fit.protect * (1.0 + fit.crowd * new / len(features))
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
    rows = requests.scored[requests.skill[requests.scored] >= old]
    skill = requests.skill[rows] - np.int32(old)
    asked = np.bincount(skill, minlength=len(skills))
    said, sayers = owned([pieces(skill) for skill in skills])
    texts, owners = owned([_learnt_from(*each) for each in zip(skills, asked.tolist(), strict=True)])
    spoken = spoken_vectors(read, [*said, *texts], encode)
    vectors = np.concatenate([read(requests, rows), spoken[len(said) :]])
    skill = np.concatenate([skill, owners])
    lists = Ragged.join([requests.enabled.take(rows), Ragged.empty(len(texts))])
    text = mean_of_each(spoken[: len(said)], sayers, len(skills))
    new = features_of(vectors, skill, lists, text=text, enabled=np.zeros(len(skills), np.int32))
    for number, entry in enumerate(skills):
        if new.requests[number] == 0:
            raise ValueError(
                f"`{entry.skill_id}` must have a request, an example, a name or a description to learn from. "
                "Received: none"
            )
    return new, FrozenRequests(vectors, skill + np.int32(old), lists, np.ones(len(skill), np.float32))


def _learnt_from(skill: Skill, requests: int) -> list[str]:
    """The texts that a skill with so many requests learns from beside them."""
    return pieces(skill) if requests + len(skill.examples) < _SCARCE else list(skill.examples)
