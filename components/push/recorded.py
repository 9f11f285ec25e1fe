"""The predictions that were measured, as the pushed models have to reproduce them."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from components.records.artifact_files import split_files
from components.records.examples import decode, prediction_from, request_from
from components.records.manifest import Manifest
from components.records.named import Named, NameRule
from components.records.prediction import Prediction
from components.records.request import Request
from components.records.tfrecord import read_records


class Recorded(NamedTuple):
    """What was answered to a request, and whom it names outright."""

    request: Request
    prediction: Prediction
    named: Named | None

    @property
    def text(self) -> str:
        """What the models read of the request."""
        return self.request.utterance if self.named is None else self.named.text


class Recording(NamedTuple):
    """Recorded answers, and the manifest of the Shortlister that was asked: it decides what is a name."""

    shortlister: Manifest
    answers: Sequence[Recorded]


def read_recording(folder: Path, split: str, limit: int, shortlister: Manifest) -> Recording:
    """The first `limit` predictions of a split.

    Args:
        folder: A Predictions artifact.
        shortlister: Of the Shortlister that answered.

    Raises:
        FileNotFoundError: The split is not there.
        ValueError: It is empty.
    """
    answers = list(itertools.islice(_read(split_files(folder, split), NameRule(shortlister)), limit))
    if not answers:
        raise ValueError(f"{folder} has no predictions of split {split!r} to hold the models against")
    return Recording(shortlister, answers)


def _read(files: Sequence[Path], rule: NameRule) -> Iterator[Recorded]:
    for path in files:
        for example in read_records(path):
            values = decode(example)
            request = request_from(values)
            yield Recorded(request, prediction_from(values), rule(request.utterance))
