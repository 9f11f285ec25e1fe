"""A dataset folder that grows by a week at a time, read by Ingest where it grew, and labelled."""

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from components.ingest.options import IngestOptions
from components.ingest.pipeline import IngestPaths
from components.ingest.run import ingest
from components.ingest.span import Earlier, read_earlier
from components.label.options import LabelOptions
from components.label.pipeline import LabelRequests
from components.records.artifact_files import CATALOGUE, split_files, split_folder
from components.records.catalogue import Catalogue, read_catalogue, write_catalogue
from components.records.examples import decode, labelled_from
from components.records.label import LabelledRequest
from components.records.request import SPLITS
from components.records.splits import Shares
from components.records.tfrecord import read_records, write_records
from components.simulate import SimulateOptions, simulate
from components.simulate.world import START

SHARES = Shares(rank=0.0, dev=0.1, test=0.3)
"""Nothing for rankers, and test customers enough for a figure a week."""


class Read(NamedTuple):
    """What a folder holds by the end of a week: its skills, its labelled requests, their counts."""

    catalogue: Path
    labelled: Path
    popularity: Path

    def skills(self) -> Catalogue:
        return read_catalogue(self.catalogue / CATALOGUE)


class Growing:
    """A world that is written week by week.

    Args:
        folder: For the world, the dataset and everything that is read from it.
        options: Of the world; its files are by week.
    """

    def __init__(self, folder: Path, options: SimulateOptions) -> None:
        self._folder = folder
        self._whole = folder / "world"
        simulate(self._whole, options)
        self._skills = read_catalogue(self._whole / CATALOGUE)
        self._data = folder / "data"
        (self._data / "requests").mkdir(parents=True)
        self._earlier: Earlier | None = None
        self.seconds: list[float] = []
        """Processor's, of each reading."""

    def grow(self, *weeks: int) -> Read:
        """Adds the requests of these weeks and the skills of their time, and reads what is new."""
        for week in weeks:
            name = f"requests/week-{week:02d}.jsonl.gz"
            shutil.copyfile(self._whole / name, self._data / name)
        last = max(weeks)
        until = beginning(last + 1)
        there = Catalogue(skill for skill in self._skills if (skill.first_seen or START) < until)
        write_catalogue(self._data / CATALOGUE, there)
        out = self._folder / f"read-{last:02d}"
        paths = IngestPaths(*(out / name for name in ("examples", "catalogue", "letters", "state", "spill")))
        begun = time.process_time()
        ingest(self._data, paths, IngestOptions(shares=SHARES), _pipeline, earlier=self._earlier)
        self.seconds.append(time.process_time() - begun)
        self._earlier = read_earlier(paths.examples, paths.state)
        read = Read(paths.catalogue, out / "labelled", out / "popularity")
        with _pipeline() as pipeline:
            pipeline | LabelRequests(
                paths.examples, read.catalogue / CATALOGUE, read.labelled, read.popularity, LabelOptions()
            )
        return read


def beginning(week: int) -> datetime:
    """Of a week of the period."""
    return START + timedelta(weeks=week)


def requests_of(read: Read, split: str, week: int) -> Iterator[LabelledRequest]:
    """The requests of a split that were made in a week."""
    for path in split_files(read.labelled, split):
        for record in read_records(path):
            labelled = labelled_from(decode(record))
            at = labelled.request.timestamp
            if at is not None and beginning(week) <= at < beginning(week + 1):
                yield labelled


def write_new_skills(read: Read, week: int, folder: Path) -> Catalogue:
    """The skills that appeared in a week with their labelled requests by split, as `skill add` takes them."""
    new = [s for s in read.skills() if s.first_seen and beginning(week) <= s.first_seen < beginning(week + 1)]
    added = Catalogue(new)
    if not new:
        return added
    folder.mkdir(parents=True)
    write_catalogue(folder / CATALOGUE, added)
    for split in SPLITS:
        records = (record for path in split_files(read.labelled, split) for record in read_records(path))
        own = [r for r in records if labelled_from(decode(r)).request.skill_id in added.by_id]
        write_records(split_folder(folder, split) / "new.gz", own)
    return added


def _pipeline() -> beam.Pipeline:
    return beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", "--direct_running_mode=in_memory"]))
