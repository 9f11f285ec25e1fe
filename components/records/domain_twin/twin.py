"""A domain model's twin as a servable."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from components.records.array import Array
from components.records.domain_signature import NO_SCORE
from components.records.domain_twin.n_best import INTENTS, READINGS, TAGGINGS, Reading, n_best
from components.records.domain_twin.reader import DomainReader
from components.records.domain_twin.spec import DomainTwinSpec, read_domain_spec
from components.records.encoding.limits import MAX_BYTES
from components.records.servable import INVALID_ARGUMENT, ServableError
from components.records.twin.servable import TwinServable

_WARMUP = b"what will the weather be like on the way to the airport tomorrow morning"


class _Found(NamedTuple):
    """A slot that a reading found in a text."""

    name: bytes
    start: int
    end: int
    value: bytes


class DomainTwin(TwinServable):
    """Answers the SavedModel's `serving_default` from `model.tflite` and `encoder/`; see `domain_signature`.

    Args:
        folder: The version folder.
        spec: Its `twin.json`.
    """

    def __init__(self, folder: Path, spec: DomainTwinSpec) -> None:
        super().__init__(folder, spec.signature)
        schema = spec.schema
        self._read = DomainReader(folder, spec)
        self._rows = {skill_id.encode(): row for row, skill_id in enumerate(schema.skill_ids)}
        self._declared = schema.intent_mask()
        self._kinds = schema.kind_mask()
        self._intents = [intent.encode() for intent in schema.intents]
        self._slots = [slot.encode() for slot in schema.slots]
        self._width = min(READINGS, TAGGINGS * min(INTENTS, len(schema.intents)))

    @classmethod
    def read(cls, version_dir: Path) -> Self:
        return cls(version_dir, read_domain_spec(version_dir))

    def warm_up(self) -> None:
        self._answer(_WARMUP, list(self._rows)[:2])

    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        wanted = self.checked(signature, inputs, outputs)
        utterance, skill_ids = _checked(inputs["utterance"], inputs["skill_ids"])
        answers = [
            self._answer(text, skills)
            for text, skills in zip(utterance.tolist(), skill_ids.tolist(), strict=True)
        ]
        found = self._arrays(answers, skill_ids)
        return {name: found[name] for name in wanted}

    def _answer(
        self, text: bytes, skills: Sequence[bytes]
    ) -> tuple[float, list[list[tuple[Reading, list[_Found]]] | None]]:
        """The domain's score, and the readings of each skill; None for one that the model does not know."""
        scores = self._read(text)
        rows = [self._rows.get(skill) for skill in skills]
        known = [row for row in rows if row is not None]
        decoded = text[:MAX_BYTES].decode(errors="ignore")
        readings = iter(
            n_best(
                scores.intents,
                scores.tags,
                [self._declared[row] for row in known],
                [self._kinds[row] for row in known],
            )
            if known
            else []
        )
        return scores.domain, [
            None
            if row is None
            else [(reading, self._slots_of(reading, scores.spans, decoded)) for reading in next(readings)]
            for row in rows
        ]

    def _slots_of(self, reading: Reading, spans: Sequence[tuple[int, int]], text: str) -> list[_Found]:
        found: list[_Found] = []
        unit_before = -1
        for kind, unit, (start, end) in zip(
            reading.kinds.tolist(), reading.units.tolist(), spans, strict=True
        ):
            if kind:
                if unit == unit_before:
                    start = found.pop().start
                found.append(_Found(self._slots[kind - 1], start, end, text[start:end].encode()))
            unit_before = unit
        return found

    def _arrays(
        self,
        answers: Sequence[tuple[float, list[list[tuple[Reading, list[_Found]]] | None]]],
        skill_ids: Array,
    ) -> dict[str, Array]:
        shape = (*skill_ids.shape, self._width)
        longest = max(
            (len(slots) for _, skills in answers for readings in skills for _, slots in readings or ()),
            default=0,
        )
        found: dict[str, Array] = {
            "domain_scores": np.array([score for score, _ in answers], np.float32),
            "readings": np.zeros(skill_ids.shape, np.int32),
            "intents": np.full(shape, b"", object),
            "intent_scores": np.zeros(shape, np.float32),
            "slot_scores": np.zeros(shape, np.float32),
            "slot_names": np.full((*shape, longest), b"", object),
            "slot_starts": np.zeros((*shape, longest), np.int32),
            "slot_ends": np.zeros((*shape, longest), np.int32),
            "slot_values": np.full((*shape, longest), b"", object),
        }
        for row, (_, skills) in enumerate(answers):
            for at, readings in enumerate(skills):
                if readings is None:
                    if skill_ids[row, at]:
                        found["readings"][row, at] = 1
                        found["intent_scores"][row, at, 0] = NO_SCORE
                        found["slot_scores"][row, at, 0] = NO_SCORE
                    continue
                found["readings"][row, at] = len(readings)
                for place, (reading, slots) in enumerate(readings):
                    found["intents"][row, at, place] = self._intents[reading.intent]
                    found["intent_scores"][row, at, place] = reading.intent_score
                    found["slot_scores"][row, at, place] = reading.slot_score
                    for number, slot in enumerate(slots):
                        found["slot_names"][row, at, place, number] = slot.name
                        found["slot_starts"][row, at, place, number] = slot.start
                        found["slot_ends"][row, at, place, number] = slot.end
                        found["slot_values"][row, at, place, number] = slot.value
        return found


def _checked(utterance: Array, skill_ids: Array) -> tuple[Array, Array]:
    if utterance.ndim != 1 or skill_ids.ndim != 2 or len(utterance) != len(skill_ids):
        raise ServableError(
            INVALID_ARGUMENT,
            "utterance must be [B] and skill_ids [B, k]. "
            f"Received: {list(utterance.shape)} and {list(skill_ids.shape)}",
        )
    values: tuple[Any, ...] = (*utterance.flat, *skill_ids.flat)
    if not all(isinstance(value, bytes) for value in values):
        raise ServableError(INVALID_ARGUMENT, "utterance and skill_ids must be strings")
    return utterance, skill_ids
