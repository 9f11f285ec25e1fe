"""Reads what the other nodes wrote: predictions and train texts."""

from collections.abc import Iterator
from pathlib import Path

from components.evaluate.frames import FrameJudge
from components.evaluate.judgement import Judgement, judge
from components.evaluate.popularity import PopularSkill
from components.evaluate.slices import Slicer
from components.records.artifact_files import split_files
from components.records.examples import decode, labelled_from, prediction_from
from components.records.features import F
from components.records.label import LabelledRequest
from components.records.prediction import Prediction
from components.records.text import normalise
from components.records.tfrecord import read_records
from components.records.wire import entries_of, pick


def read_examples(folder: Path, split: str) -> Iterator[bytes]:
    """The serialised examples of a split, file by file in name order."""
    for path in split_files(folder, split):
        yield from read_records(path)


def read_predictions(folder: Path, split: str) -> Iterator[tuple[LabelledRequest, Prediction]]:
    """The requests of a split and what the system answered."""
    for example in read_examples(folder, split):
        values = decode(example)
        yield labelled_from(values), prediction_from(values)


def read_texts(folder: Path, split: str = "train") -> frozenset[str]:
    """The normalised texts that a model may have read in a split of labelled examples."""
    names = {F.LABEL_TEXT.encode(): F.LABEL_TEXT}
    return frozenset(
        normalise(pick(entries_of(example), names)[F.LABEL_TEXT]) for example in read_examples(folder, split)
    )


class ExampleJudge:
    """A serialised prediction → its judgement and slice features. Can be pickled to a Beam worker."""

    def __init__(self, popular: PopularSkill, slicer: Slicer, frames: FrameJudge) -> None:
        self._popular = popular
        self._slicer = slicer
        self._frames = frames

    def __call__(self, example: bytes) -> tuple[Judgement, dict[str, str]]:
        values = decode(example)
        labelled, prediction = labelled_from(values), prediction_from(values)
        judgement = judge(labelled, prediction, self._popular(labelled.request.enabled_skills))
        judgement = self._frames(judgement, labelled.request, prediction)
        return judgement, self._slicer(labelled, judgement)
