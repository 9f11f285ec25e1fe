"""Hypothesis lists as `tf.train.Example` and back: the features beside those of their request."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.records.artifact_files import split_files
from components.records.examples import Values, decode, optional_floats, read_optional_floats, request_from
from components.records.features import F
from components.records.hypothesis_list import HypothesisList, Judgement, ReadCandidate
from components.records.prediction import Scores
from components.records.request import Slot
from components.records.tfrecord import read_records

_UNKNOWN = -1
_SCORES = {
    "shortlister": F.HYPOTHESIS_SHORTLISTER,
    "domain": F.HYPOTHESIS_DOMAIN_SCORES,
    "intent": F.HYPOTHESIS_INTENT_SCORES,
    "slots": F.HYPOTHESIS_SLOT_SCORES,
}


def hypothesis_values(listed: HypothesisList) -> Values:
    """The features of a list, beside those of its request."""
    hypotheses = listed.hypotheses
    slots = [slot for hypothesis in hypotheses for slot in hypothesis.slots]
    judgements = [hypothesis.judgement for hypothesis in hypotheses]
    values: dict[str, list[Any]] = {
        F.REJECT: [] if listed.reject is None else [listed.reject],
        F.PSEUDO_LABELS: list(listed.pseudo_labels),
        F.HYPOTHESIS_SKILLS: [h.skill_id for h in hypotheses],
        F.HYPOTHESIS_DOMAINS: [h.domain for h in hypotheses],
        F.HYPOTHESIS_INTENTS: [h.intent or "" for h in hypotheses],
        F.HYPOTHESIS_SLOT_COUNTS: [len(h.slots) for h in hypotheses],
        F.HYPOTHESIS_SLOT_NAMES: [slot.name for slot in slots],
        F.HYPOTHESIS_SLOT_VALUES: [slot.value for slot in slots],
        F.HYPOTHESIS_SLOT_STARTS: [slot.start for slot in slots],
        F.HYPOTHESIS_SLOT_ENDS: [slot.end for slot in slots],
        F.HYPOTHESIS_SKILL_RIGHT: [_UNKNOWN if j is None else int(j.skill_right) for j in judgements],
        F.HYPOTHESIS_RIGHT: [_UNKNOWN if j is None else int(j.right) for j in judgements],
        F.HYPOTHESIS_ERRORS: [_UNKNOWN if j is None or j.errors is None else j.errors for j in judgements],
    }
    for name, feature in _SCORES.items():
        values[feature] = optional_floats([getattr(h.scores, name) for h in hypotheses])
    return {name: items for name, items in values.items() if items}


def hypotheses_from(values: Mapping[str, Sequence[Any]]) -> HypothesisList:
    """The list that `values` describe, with its request. Scores are as exact as float32."""
    skills = values.get(F.HYPOTHESIS_SKILLS, ())
    slots = map(
        _slot,
        *(
            values.get(name, ())
            for name in (
                F.HYPOTHESIS_SLOT_NAMES,
                F.HYPOTHESIS_SLOT_VALUES,
                F.HYPOTHESIS_SLOT_STARTS,
                F.HYPOTHESIS_SLOT_ENDS,
            )
        ),
    )
    scores = {
        name: read_optional_floats(values.get(feature), len(skills)) for name, feature in _SCORES.items()
    }
    reject = values.get(F.REJECT)
    return HypothesisList(
        request=request_from(values),
        hypotheses=tuple(
            ReadCandidate(
                skill_id=skill_id,
                domain=domain,
                intent=intent or None,
                slots=tuple(itertools.islice(slots, count)),
                scores=Scores(**{name: column[row] for name, column in scores.items()}),
                judgement=_judgement(*known),
            )
            for row, (skill_id, domain, intent, count, *known) in enumerate(
                zip(
                    skills,
                    values.get(F.HYPOTHESIS_DOMAINS, ()),
                    values.get(F.HYPOTHESIS_INTENTS, ()),
                    values.get(F.HYPOTHESIS_SLOT_COUNTS, ()),
                    values.get(F.HYPOTHESIS_SKILL_RIGHT, ()),
                    values.get(F.HYPOTHESIS_RIGHT, ()),
                    values.get(F.HYPOTHESIS_ERRORS, ()),
                    strict=True,
                )
            )
        ),
        reject=reject[0] if reject else None,
        pseudo_labels=tuple(values.get(F.PSEUDO_LABELS, ())),
    )


def _slot(name: str, value: str, start: int, end: int) -> Slot:
    return Slot(name=name, value=value, start=start, end=end)


def _judgement(skill_right: int, right: int, errors: int) -> Judgement | None:
    if skill_right == _UNKNOWN:
        return None
    return Judgement(
        skill_right=bool(skill_right), right=bool(right), errors=None if errors == _UNKNOWN else errors
    )


def read_hypothesis_lists(artifact: Path, split: str) -> Iterator[HypothesisList]:
    """The hypothesis lists of a split, as Hypothesize leaves them.

    Raises:
        FileNotFoundError: The artifact has no such split.
        ValueError: A file is damaged.
    """
    for path in split_files(artifact, split):
        for record in read_records(path):
            yield hypotheses_from(decode(record))
