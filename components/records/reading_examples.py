"""Skills as the system reads them, as features of a `tf.train.Example`: of hypothesis lists and predictions.

Every feature holds one value for each reading, in their order; the slots of all readings are end to end.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from components.records.features import F
from components.records.prediction import Scores
from components.records.request import Slot


class Reading(Protocol):
    """What a hypothesis of a list and one of a prediction have in common."""

    @property
    def skill_id(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def intent(self) -> str | None: ...
    @property
    def slots(self) -> tuple[Slot, ...]: ...
    @property
    def scores(self) -> Scores: ...


class Columns(NamedTuple):
    """The names of the features that some readings are kept in; `scores` by the field of `Scores`."""

    skills: str
    domains: str
    intents: str
    slot_counts: str
    slot_names: str
    slot_values: str
    slot_starts: str
    slot_ends: str
    scores: Mapping[str, str]


HYPOTHESES = Columns(
    F.HYPOTHESIS_SKILLS,
    F.HYPOTHESIS_DOMAINS,
    F.HYPOTHESIS_INTENTS,
    F.HYPOTHESIS_SLOT_COUNTS,
    F.HYPOTHESIS_SLOT_NAMES,
    F.HYPOTHESIS_SLOT_VALUES,
    F.HYPOTHESIS_SLOT_STARTS,
    F.HYPOTHESIS_SLOT_ENDS,
    {
        "shortlister": F.HYPOTHESIS_SHORTLISTER,
        "domain": F.HYPOTHESIS_DOMAIN_SCORES,
        "intent": F.HYPOTHESIS_INTENT_SCORES,
        "slots": F.HYPOTHESIS_SLOT_SCORES,
    },
)
PREDICTED = Columns(
    F.PREDICTED_SKILLS,
    F.PREDICTED_DOMAINS,
    F.PREDICTED_INTENTS,
    F.PREDICTED_SLOT_COUNTS,
    F.PREDICTED_SLOT_NAMES,
    F.PREDICTED_SLOT_VALUES,
    F.PREDICTED_SLOT_STARTS,
    F.PREDICTED_SLOT_ENDS,
    {
        "shortlister": F.PREDICTED_SHORTLISTER,
        "domain": F.PREDICTED_DOMAIN_SCORES,
        "intent": F.PREDICTED_INTENT_SCORES,
        "slots": F.PREDICTED_SLOT_SCORES,
        "reranker": F.PREDICTED_RERANKER,
        "hyprank": F.PREDICTED_HYPRANK,
    },
)


def reading_values(readings: Sequence[Reading], columns: Columns) -> dict[str, list[Any]]:
    """The features of some readings; one without values may be left out."""
    slots = [slot for reading in readings for slot in reading.slots]
    values: dict[str, list[Any]] = {
        columns.skills: [reading.skill_id for reading in readings],
        columns.domains: [reading.domain for reading in readings],
        columns.intents: [reading.intent or "" for reading in readings],
        columns.slot_counts: [len(reading.slots) for reading in readings],
        columns.slot_names: [slot.name for slot in slots],
        columns.slot_values: [slot.value for slot in slots],
        columns.slot_starts: [slot.start for slot in slots],
        columns.slot_ends: [slot.end for slot in slots],
    }
    for name, feature in columns.scores.items():
        values[feature] = _optional_floats([getattr(reading.scores, name) for reading in readings])
    return values


def readings_from(values: Mapping[str, Sequence[Any]], columns: Columns) -> Iterator[dict[str, Any]]:
    """The fields of each reading: skill_id, domain, intent, slots and scores, these as exact as float32."""
    skills = values.get(columns.skills, ())
    count = len(skills)
    scores = {
        name: _read_optional_floats(values.get(feature), count) for name, feature in columns.scores.items()
    }
    slots = itertools.starmap(
        _slot,
        zip(
            values.get(columns.slot_names, ()),
            values.get(columns.slot_values, ()),
            values.get(columns.slot_starts, ()),
            values.get(columns.slot_ends, ()),
            strict=True,
        ),
    )
    for row, (skill_id, domain, intent, size) in enumerate(
        zip(
            skills,
            values.get(columns.domains, ()),
            values.get(columns.intents, ()),
            values.get(columns.slot_counts, ()),
            strict=True,
        )
    ):
        yield {
            "skill_id": skill_id,
            "domain": domain,
            "intent": intent or None,
            "slots": tuple(itertools.islice(slots, size)),
            "scores": Scores(**{name: column[row] for name, column in scores.items()}),
        }


def _slot(name: str, value: str, start: int, end: int) -> Slot:
    return Slot(name=name, value=value, start=start, end=end)


def _optional_floats(values: Sequence[float | None]) -> list[float]:
    """NaN stands for None beside numbers; nothing but None is no value at all."""
    if all(value is None for value in values):
        return []
    return [math.nan if value is None else value for value in values]


def _read_optional_floats(values: Sequence[float] | None, count: int) -> list[float | None]:
    """The inverse of `_optional_floats`, of that many values."""
    return [None if math.isnan(value) else value for value in values or [math.nan] * count]
