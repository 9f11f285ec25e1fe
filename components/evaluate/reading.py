"""Reads what the other nodes wrote: predictions and train texts."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from components.evaluate.frames import FramedSkills, FrameJudge
from components.evaluate.judgement import Judgement, judge
from components.evaluate.popularity import PopularSkill
from components.evaluate.slices import Slicer
from components.evaluate.table import Table, table_of
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


class Judging:
    """Judges predictions as they pass by, and keeps the judgements as columns.

    Args:
        popular: What the popularity baseline answers.
        slicer: Gives each request its slice features.
        frames: Compares the answer with the request's frame.
    """

    def __init__(self, popular: PopularSkill, slicer: Slicer, frames: FrameJudge) -> None:
        self._popular = popular
        self._slicer = slicer
        self._frames = frames
        self._framed = FramedSkills()
        self._judgements: list[Judgement] = []
        self._requests: list[tuple[str, str | None]] = []  # id and skill
        self._features: list[dict[str, str]] = []

    def judged(
        self, pairs: Iterable[tuple[LabelledRequest, Prediction]]
    ) -> Iterator[tuple[LabelledRequest, Prediction, Judgement]]:
        """Passes each pair on with its judgement."""
        for labelled, prediction in pairs:
            request = labelled.request
            judgement = judge(labelled, prediction, self._popular(request.enabled_skills))
            judgement = self._frames(judgement, request, prediction)
            self._framed.see(request, prediction)
            self._judgements.append(judgement)
            self._requests.append((request.request_id, request.skill_id))
            self._features.append(self._slicer(labelled, judgement))
            yield labelled, prediction, judgement

    def table(self) -> Table:
        """What has passed by. Only now is it known which skills' requests are annotated at all."""
        framed = self._framed.found
        judgements = [
            judgement if skill_id in framed else judgement._replace(frame=None, without_frame=False)
            for judgement, (_, skill_id) in zip(self._judgements, self._requests, strict=True)
        ]
        return table_of(judgements, [request_id for request_id, _ in self._requests], self._features)
