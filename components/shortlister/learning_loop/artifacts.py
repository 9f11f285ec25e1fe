"""What the loop leaves behind: one folder for each mechanism, readable without this code.

Each folder has a `report.json` with its switch and counts, also where the switch is off; then it has nothing
else but an empty file of labels. `components.records.learned_labels` reads the labels.
"""

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.records import wire
from components.records.features import F
from components.records.learned_labels import (
    NEGATIVES,
    SEMI_LABELS,
    NegativeLabel,
    SemiLabel,
    write_labels,
)
from components.records.tfrecord import read_records
from components.shortlister.corpus import Corpus
from components.shortlister.learning_loop.learned import Learned
from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.pseudo_artifact import write_pseudo_labels
from components.shortlister.learning_loop.report import write_report
from components.shortlister.learning_loop.schedule import first_phase, second_phase
from components.shortlister.loss import NO_SKILL
from components.shortlister.phase import Epoch

TEACHER = "teacher.keras"


@dataclass(frozen=True)
class LoopFolders:
    """Where each mechanism's artifact goes."""

    pseudo_labels: Path
    negatives: Path
    distillation: Path
    semi_labels: Path


def request_ids(files: Sequence[Path]) -> list[str]:
    """The ids of the requests in file order, which is the order of a corpus's rows."""
    wanted = {F.REQUEST_ID.encode(): F.REQUEST_ID}
    return [
        wire.pick(wire.entries_of(record), wanted)[F.REQUEST_ID]
        for path in files
        for record in read_records(path)
    ]


def write_artifacts(
    learned: Learned,
    corpus: Corpus,
    options: LearningLoopOptions,
    *,
    ids: Sequence[str],
    skill_ids: Sequence[str],
    epochs: Path,
    folders: LoopFolders,
) -> None:
    """Writes all four folders.

    Args:
        corpus: The training requests, as the loop got them.
        options: As the loop got them.
        ids: Id of each request: of the first rows of `corpus`, in order.
        skill_ids: In row order.
        epochs: Where the loop kept what each epoch put above the labels; copied beside the pseudo-labels.
        folders: Replaced.
    """
    for folder in (folders.pseudo_labels, folders.negatives, folders.distillation, folders.semi_labels):
        shutil.rmtree(folder, ignore_errors=True)
    write_pseudo_labels(folders.pseudo_labels, learned, options, ids, skill_ids, epochs)
    _write_negatives(folders.negatives, learned, options, corpus, ids, skill_ids)
    _write_distillation(folders.distillation, learned, options)
    _write_semi(folders.semi_labels, learned, options, ids, skill_ids)


def _write_negatives(
    folder: Path,
    learned: Learned,
    options: LearningLoopOptions,
    corpus: Corpus,
    ids: Sequence[str],
    skill_ids: Sequence[str],
) -> None:
    failed = (
        np.flatnonzero(corpus.negative[: len(ids)] != NO_SKILL)
        if options.negative_feedback
        else np.zeros(0, int)
    )
    labels = [
        NegativeLabel(request_id=ids[row], skill_id=skill_ids[skill], rule="feedback.v1")
        for row, skill in zip(failed.tolist(), corpus.negative[failed].tolist(), strict=True)
    ]
    write_labels(folder / NEGATIVES, labels)
    first, second = first_phase(options), second_phase(options)
    write_report(
        folder,
        used=options.negative_feedback,
        labels=len(labels),
        weights={
            "train": [first(epoch.epoch).negative for epoch in learned.first.epochs],
            "loop": [second(epoch.epoch).negative for epoch in _second_epochs(learned)],
        },
    )


def _write_distillation(folder: Path, learned: Learned, options: LearningLoopOptions) -> None:
    folder.mkdir(parents=True)
    if options.self_distillation:
        learned.first.network.save(folder / TEACHER)
    best = learned.first.epochs[learned.first.best_epoch - 1]
    schedule = second_phase(options)
    write_report(
        folder,
        used=options.self_distillation,
        teacher={"file": TEACHER, "epoch": best.epoch, "dev_top1": best.dev_top1},
        temperature=options.temperature,
        tempered=options.tempered,
        weights=[schedule(epoch.epoch).distillation for epoch in _second_epochs(learned)],
    )


def _write_semi(
    folder: Path,
    learned: Learned,
    options: LearningLoopOptions,
    ids: Sequence[str],
    skill_ids: Sequence[str],
) -> None:
    labels, semi = [], learned.semi
    if semi is not None:
        found = zip(semi.rows.tolist(), semi.skills.tolist(), semi.confidence.tolist(), strict=True)
        labels = [
            SemiLabel(
                request_id=ids[row],
                skill_id=skill_ids[skill],
                confidence=round(confidence, 6),
                rule=f"semi.v1 precision={options.precision}",
            )
            for row, skill, confidence in found
        ]
    write_labels(folder / SEMI_LABELS, labels)
    threshold = semi.threshold if semi is not None else math.inf
    write_report(
        folder,
        used=options.semi_supervised,
        precision=options.precision,
        threshold=threshold if math.isfinite(threshold) else None,
        unlabelled=0 if semi is None else semi.unlabelled,
        labels=len(labels),
    )


def _second_epochs(learned: Learned) -> Sequence[Epoch]:
    return () if learned.training is learned.first else learned.training.epochs
