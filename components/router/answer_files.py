"""Batch inference on Beam, file by file: labelled examples in, the same examples with answers out.

In: Split-<name>/*.gz. Out: for each file one of the same split, its records in the same order. The batches of
a file are cut alike wherever it is read, so that any runner with any number of workers writes the same bytes;
a file that is answered twice, because a worker was lost, is replaced by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam
from apache_beam.utils.shared import Shared

from components.records.artifact_files import split_files, split_folder
from components.records.tfrecord import read_records, write_records
from components.router.models import FolderModels

_BATCH = 256


class AnswerFile(beam.DoFn, ABC):
    """A file of labelled examples → a file of the same examples and the features of their answers.

    In: (source, target). Out: nothing; the target is there, whole. The models and the composing code are
    those of live requests. Each model is loaded once per process.

    Args:
        folders: The models' version folders by the name that they are served by.
        shared: Holds the models for all threads of a process.
    """

    def __init__(self, folders: Mapping[str, Path], shared: Shared) -> None:
        self._folders, self._shared = dict(folders), shared

    def setup(self) -> None:
        self._models = self._shared.acquire(
            lambda: FolderModels(self._folders), tag=str(sorted(self._folders.items()))
        )

    def process(self, file: tuple[str, str]) -> None:
        source, target = map(Path, file)
        batches = _batches(read_records(source))
        write_records(target, (answered for batch in batches for answered in self.answers(batch)))

    @abstractmethod
    def answers(self, batch: Sequence[bytes]) -> Iterable[bytes]:
        """One example for each of the batch, in its order: its features and those of the answer."""


class Output(NamedTuple):
    """Where the answers go: an artifact's folder, and what the names of its files begin with."""

    folder: Path
    name: str


def answer_splits(
    pipeline: beam.Pipeline, examples: Path, out: Output, answer: AnswerFile, *, splits: Sequence[str]
) -> None:
    """Adds to `pipeline`: the answers to every split of `examples`.

    Raises:
        FileNotFoundError: A split has no files.
    """
    files = [file for split in splits for file in _files(examples, split, out)]
    pipeline | "Files" >> beam.Create(files, reshuffle=True) | f"Write {out.name}" >> beam.ParDo(answer)


def _files(examples: Path, split: str, out: Output) -> Iterator[tuple[str, str]]:
    sources = split_files(examples, split)
    for number, source in enumerate(sources):
        name = f"{out.name}-{number:05d}-of-{len(sources):05d}.gz"
        yield str(source), str(split_folder(out.folder, split) / name)


def _batches(records: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(records, _BATCH)):
        yield batch
