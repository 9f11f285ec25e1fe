"""Hypothesis lists as `tf.train.Example` and back: the features beside those of their request."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.records.artifact_files import split_files
from components.records.examples import Values, decode, request_from
from components.records.features import F
from components.records.hypothesis_list import HypothesisList, Judgement, ReadCandidate
from components.records.reading_examples import HYPOTHESES, reading_values, readings_from
from components.records.tfrecord import read_records

_UNKNOWN = -1


def hypothesis_values(listed: HypothesisList) -> Values:
    """The features of a list, beside those of its request."""
    judgements = [hypothesis.judgement for hypothesis in listed.hypotheses]
    values: dict[str, list[Any]] = {
        F.REJECT: [] if listed.reject is None else [listed.reject],
        F.PSEUDO_LABELS: list(listed.pseudo_labels),
        **reading_values(listed.hypotheses, HYPOTHESES),
        F.HYPOTHESIS_SKILL_RIGHT: [_UNKNOWN if j is None else int(j.skill_right) for j in judgements],
        F.HYPOTHESIS_RIGHT: [_UNKNOWN if j is None else int(j.right) for j in judgements],
        F.HYPOTHESIS_ERRORS: [_UNKNOWN if j is None or j.errors is None else j.errors for j in judgements],
    }
    return {name: items for name, items in values.items() if items}


def hypotheses_from(values: Mapping[str, Sequence[Any]]) -> HypothesisList:
    """The list that `values` describe, with its request. Scores are as exact as float32."""
    judgements = zip(
        values.get(F.HYPOTHESIS_SKILL_RIGHT, ()),
        values.get(F.HYPOTHESIS_RIGHT, ()),
        values.get(F.HYPOTHESIS_ERRORS, ()),
        strict=True,
    )
    reject = values.get(F.REJECT)
    return HypothesisList(
        request=request_from(values),
        hypotheses=tuple(
            ReadCandidate(judgement=_judgement(*known), **reading)
            for reading, known in zip(readings_from(values, HYPOTHESES), judgements, strict=True)
        ),
        reject=reject[0] if reject else None,
        pseudo_labels=tuple(values.get(F.PSEUDO_LABELS, ())),
    )


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
