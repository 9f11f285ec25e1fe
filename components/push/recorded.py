"""The predictions that were measured, as the pushed model has to reproduce them."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from components.records.examples import decode, prediction_from, request_from
from components.records.request import Request
from components.records.tfrecord import read_records


class Recorded(NamedTuple):
    """A request, and the skills and Shortlister scores that it was answered with, best first."""

    request: Request
    skills: tuple[str, ...]
    scores: tuple[float, ...]


def read_recorded(folder: Path, split: str, limit: int) -> list[Recorded]:
    """The first `limit` predictions of a split.

    Args:
        folder: A Predictions artifact.

    Raises:
        ValueError: The split is not there or empty, or a prediction has no Shortlister score.
    """
    found = list(itertools.islice(_read(folder / f"Split-{split}"), limit))
    if not found:
        raise ValueError(f"{folder} has no predictions of split {split!r} to hold the model against")
    return found


def _read(folder: Path) -> Iterator[Recorded]:
    for path in sorted(folder.glob("*.gz")):
        for example in read_records(path):
            values = decode(example)
            prediction = prediction_from(values)
            scores = tuple(
                h.scores.shortlister for h in prediction.hypotheses if h.scores.shortlister is not None
            )
            if len(scores) != len(prediction.hypotheses):
                raise ValueError(f"{path}: prediction {prediction.request_id!r} lacks Shortlister scores")
            yield Recorded(request_from(values), tuple(h.skill_id for h in prediction.hypotheses), scores)
