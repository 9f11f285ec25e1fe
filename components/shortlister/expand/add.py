"""New skills for a trained network: their features, where they start, and how they are fitted."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from components.records.skill import Skill
from components.shortlister.corpus import Corpus
from components.shortlister.expand.features import Features
from components.shortlister.expand.fit import FitOptions, FrozenRequests, fit_rows, reservoir
from components.shortlister.expand.gather import features_of, pieces, text_vectors, utterances
from components.shortlister.expand.rows import SkillRows, skill_rows
from components.shortlister.expand.start import SEEN, start_rows
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts


def add_skills(
    network: Network,
    features: Features,
    skills: Sequence[Skill],
    requests: Corpus,
    encode: Callable[[Any], dict[str, Any]],
    *,
    options: ShortlisterOptions,
    fit: FitOptions = FitOptions(),  # noqa: B008 (frozen)
) -> tuple[SkillRows, Features]:
    """The rows of new skills, and their features.

    Args:
        network, features: Of the K old skills.
        skills, requests, encode: See `read_new`.
        options: Of the network's training.
        fit: How the rows are fitted.

    Raises:
        ValueError: A skill has neither a request nor a word of text.
    """
    new, learnt_from = read_new(network, len(features), skills, requests, encode)
    everything = reservoir(features, protect=fit.protect).joined(learnt_from)
    start = start_rows(skill_rows(network), features, new)
    return fit_rows(network, start, everything, options=options, fit=fit), new


def read_new(
    network: Network,
    old: int,
    skills: Sequence[Skill],
    requests: Corpus,
    encode: Callable[[Any], dict[str, Any]],
) -> tuple[Features, FrozenRequests]:
    """What the network makes of new skills: their features, and what they learn from.

    A skill learns from its requests and examples; where these are fewer than five, from its name and
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
    said = text_vectors(network, skills, encode)
    rows = requests.scored[requests.skill[requests.scored] >= old]
    texts, owners = _texts(skills, np.bincount(requests.skill[rows] - old, minlength=len(skills)))
    spoken = corpus_of_texts(texts, encode)
    vectors = np.concatenate(
        [utterances(network, requests, rows), utterances(network, spoken, np.arange(len(spoken)))]
    )
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
        scarce = requests[number] + len(skill.examples) < SEEN
        found = pieces(skill) if scarce else list(skill.examples)
        texts += found
        owners += [number] * len(found)
    return texts, np.array(owners, np.int32)
