"""A domain model's serving signature, as every caller feeds and reads it.

utterance string [B], skill_ids string [B, k] padded '' → domain_scores float32 [B], log-odds that the request
is the domain's; readings int32 [B, k], how many a candidate has; for each of them, the likelier first, the
string intents and float32 intent_scores, slot_scores [B, k, N], log-probabilities, N ≤ 5; and for each of its
slots the strings slot_names, slot_values and int32 slot_starts, slot_ends [B, k, N, S], code points, padded
with '' and 0

A skill that the version does not know has one reading without intent, slots and scores (`NO_SCORE`).
"""

import itertools
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from components.records.array import Array
from components.records.request import Slot
from components.records.slug import slug, unslug

NO_SCORE = -1e9
"""The score of a reading that the model knows nothing of."""
DOMAIN_PREFIX = "domain-"
"""Of the name of every domain's model, and of no other model's."""


class SkillReading(NamedTuple):
    """One reading of a request for one skill.

    Attributes:
        intent: None for no intent.
        slots: In the text that the model was given.
        intent_score, slot_score: Log-probabilities; None where the model does not know the skill.
    """

    intent: str | None
    slots: tuple[Slot, ...]
    intent_score: float | None
    slot_score: float | None


class DomainReading(NamedTuple):
    """What a domain model says of one request.

    Attributes:
        domain_score: Log-odds that the request is the domain's.
        skills: The readings of each candidate, the likelier first.
    """

    domain_score: float
    skills: list[list[SkillReading]]


@lru_cache(maxsize=4096)
def domain_model(domain: str) -> str:
    """The name that the domain's model is served by; no two domains share one.

    >>> domain_model("weather")
    'domain-weather'
    """
    return f"{DOMAIN_PREFIX}{slug(domain)}"


def domain_of_model(model: str) -> str | None:
    """The domain whose model is served as `model`; None for a model of another kind.

    >>> domain_of_model("domain-weather")
    'weather'
    """
    return unslug(model.removeprefix(DOMAIN_PREFIX)) if model.startswith(DOMAIN_PREFIX) else None


def domain_inputs(texts: Sequence[str], skill_ids: Sequence[Sequence[str]]) -> dict[str, Array]:
    """What a domain model reads: a text each, and the candidates that are to be read.

    Raises:
        ValueError: Not as many lists of candidates as texts.
    """
    width = max((len(skills) for skills in skill_ids), default=0)
    utterance = np.empty(len(texts), dtype=object)  # [B]
    padded = np.full((len(texts), max(width, 1)), b"", dtype=object)  # [B, k]
    for row, (text, skills) in enumerate(zip(texts, skill_ids, strict=True)):
        utterance[row] = text.encode()
        padded[row, : len(skills)] = [skill.encode() for skill in skills]
    return {"utterance": utterance, "skill_ids": padded}


def read_readings(outputs: Mapping[str, Array]) -> list[DomainReading]:
    """The answers to each request; a candidate that was padding has no reading.

    Raises:
        KeyError: The model did not answer all that it should.
    """
    scores, numbers, *columns = (
        outputs[name].tolist()
        for name in (
            "domain_scores",
            "readings",
            "intents",
            "intent_scores",
            "slot_scores",
            "slot_names",
            "slot_starts",
            "slot_ends",
            "slot_values",
        )
    )
    return [
        DomainReading(
            score,
            [
                [_reading(*reading) for reading in itertools.islice(zip(*candidate, strict=True), number)]
                for number, candidate in zip(counts, zip(*own, strict=True), strict=True)
            ],
        )
        for score, counts, own in zip(scores, numbers, zip(*columns, strict=True), strict=True)
    ]


def _reading(
    intent: bytes,
    intent_score: float,
    slot_score: float,
    names: list[bytes],
    starts: list[int],
    ends: list[int],
    values: list[bytes],
) -> SkillReading:
    return SkillReading(
        intent.decode() or None,
        tuple(
            Slot(name=name.decode(), value=value.decode(), start=start, end=end)
            for name, value, start, end in zip(names, values, starts, ends, strict=True)
            if name
        ),
        None if intent_score <= NO_SCORE else intent_score,
        None if slot_score <= NO_SCORE else slot_score,
    )
