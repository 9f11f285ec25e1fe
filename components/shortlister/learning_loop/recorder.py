"""Looks at a training set through the model after every epoch, and keeps what it puts above the labels."""

from pathlib import Path

import msgspec
import numpy as np

from components.records.atomic import atomic_write
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.learning_loop.above_label import above_label, write_epoch
from components.shortlister.predict import Scorer

_NAME = "epoch-{:04d}.json"


class EpochRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One epoch seen from the learning loop.

    Attributes:
        epoch: From 1.
        train_top1: Share of the labelled requests looked at whose best skill is the label.
        above_requests: Requests with at least one skill above the label among the best p.
        above_skills: Such skills, over all requests.
    """

    epoch: int
    train_top1: float
    above_requests: int
    above_skills: int


class Recorder:
    """Called after every epoch with its number and the scorer.

    Args:
        corpus: The requests; those without a right skill are passed over.
        rows: The rows to look at; the others get no candidates.
        p: See `above_label`.
        folder: Where each epoch's ids are kept. What an interrupted training left there is written over.
    """

    def __init__(self, corpus: Corpus, rows: Rows, *, p: int, folder: Path) -> None:
        self._corpus = corpus
        self._rows = np.intersect1d(rows, corpus.scored)
        self._p = p
        self._folder = folder

    def __call__(self, epoch: int, scorer: Scorer) -> None:
        numbers, scores, label_scores = scorer.top_and_label(self._corpus, self._rows, k=self._p)
        found = above_label(numbers, scores, label_scores, p=self._p)  # [rows, p]
        above = np.zeros((len(self._corpus), found.shape[1]), found.dtype)
        above[self._rows] = found
        write_epoch(self._folder, epoch, above)
        right = numbers[:, 0] == self._corpus.skill[self._rows]
        record = EpochRecord(
            epoch=epoch,
            train_top1=float(right.mean()) if len(right) else 0.0,
            above_requests=int((found != 0).any(axis=1).sum()),
            above_skills=int((found != 0).sum()),
        )
        atomic_write(self._folder / _NAME.format(epoch), msgspec.json.encode(record) + b"\n")


def read_records(folder: Path, last: int) -> list[EpochRecord]:
    """What the epochs 1 to `last` came to, also those from before an interruption."""
    return [
        msgspec.json.decode((folder / _NAME.format(epoch)).read_bytes(), type=EpochRecord)
        for epoch in range(1, last + 1)
    ]
