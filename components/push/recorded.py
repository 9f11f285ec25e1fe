"""The predictions that were measured, as the pushed model has to reproduce them."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from components.records.artifact_files import split_files
from components.records.examples import decode, prediction_from, request_from
from components.records.named import NameRule
from components.records.request import Request
from components.records.tfrecord import read_records


class Recorded(NamedTuple):
    """A request, the text that the Shortlister read of it, and its skills and their scores, best first.

    Scores are what the Shortlister itself answered: a skill that was put first because the request names it
    stands where its score puts it, or is left out where it has none.
    """

    request: Request
    text: str
    skills: tuple[str, ...]
    scores: tuple[float, ...]


def read_recorded(folder: Path, split: str, limit: int, rule: NameRule) -> list[Recorded]:
    """The first `limit` predictions of a split.

    Args:
        folder: A Predictions artifact.
        rule: The model's, for what it read.

    Raises:
        FileNotFoundError: The split is not there.
        ValueError: It is empty, or a Shortlister score is missing that no name explains.
    """
    found = list(itertools.islice(_read(split_files(folder, split), rule), limit))
    if not found:
        raise ValueError(f"{folder} has no predictions of split {split!r} to hold the model against")
    return found


def _read(files: Sequence[Path], rule: NameRule) -> Iterator[Recorded]:
    for path in files:
        for example in read_records(path):
            values = decode(example)
            request, prediction = request_from(values), prediction_from(values)
            named = rule(request.utterance)
            scored = []
            for skill_id, score in ((h.skill_id, h.scores.shortlister) for h in prediction.hypotheses):
                if score is not None:
                    scored.append((skill_id, score))
                elif named is None or skill_id != named.skill_id:
                    raise ValueError(f"{path}: prediction {prediction.request_id!r} lacks Shortlister scores")
            scored.sort(key=lambda pair: -pair[1])
            yield Recorded(
                request,
                request.utterance if named is None else named.text,
                tuple(skill_id for skill_id, _ in scored),
                tuple(score for _, score in scored),
            )
