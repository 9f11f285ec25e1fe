"""Reads what the other nodes wrote: predictions and train texts."""

from collections.abc import Iterator
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


def judge_predictions(
    folder: Path, split: str, popular: PopularSkill, slicer: Slicer, frames: FrameJudge
) -> Table:
    """Judges every prediction of a split, once."""
    framed = FramedSkills()
    judgements: list[Judgement] = []
    request_ids: list[str] = []
    skill_ids: list[str | None] = []
    features: list[dict[str, str]] = []
    for labelled, prediction in read_predictions(folder, split):
        request = labelled.request
        framed.see(request, prediction)
        judgement = judge(labelled, prediction, popular(request.enabled_skills))
        judgements.append(frames(judgement, request, prediction))
        request_ids.append(request.request_id)
        skill_ids.append(request.skill_id)
        features.append(slicer(labelled, judgement))
    found = framed.found  # only now is it known which skills' requests are annotated at all
    return table_of(
        [
            judgement if skill_id in found else judgement._replace(frame=None, without_frame=False)
            for judgement, skill_id in zip(judgements, skill_ids, strict=True)
        ],
        request_ids,
        features,
    )
