"""The label pipeline. Examples in; the same Examples with their labels, popularity and a report out."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import AsIter

from components.label.options import LabelOptions
from components.label.rules import label_of
from components.records import wire
from components.records.artifact_files import split_files, split_folder, write_popularity
from components.records.atomic import atomic_write
from components.records.catalogue import read_catalogue
from components.records.examples import label_values
from components.records.features import F
from components.records.invocation import InvocationIndex, strip_invocation
from components.records.label import Label
from components.records.request import SPLITS
from components.records.text import normalise
from components.records.tfrecord import read_records, write_records

REPORT = "label_report.json"

_READ = {name.encode(): name for name in (F.UTTERANCE, F.SKILL_ID, F.OUTCOME)}

Tally = Counter[tuple[str, ...]]


class Shard(NamedTuple):
    """One file of a split, and where its labelled form goes."""

    split: str
    source: str
    target: str


def shards(examples: Path, labelled: Path) -> tuple[Shard, ...]:
    """Every file of every split; the labelled one has the same place and name.

    Raises:
        FileNotFoundError: A split has no file.
    """
    found = []
    for split in SPLITS:
        target = split_folder(labelled, split)
        found += [Shard(split, str(file), str(target / file.name)) for file in split_files(examples, split)]
    return tuple(found)


class LabelRequests(beam.PTransform):
    """Labels every request of every split.

    Args:
        examples: The requests' folder, as Ingest writes it.
        catalogue: The catalogue's file.
        labelled: Where the labelled Examples go.
        counts: Where `popularity.json` and `label_report.json` go.

    Raises:
        FileNotFoundError: A split has no file.
    """

    def __init__(
        self, examples: Path, catalogue: Path, labelled: Path, counts: Path, options: LabelOptions
    ) -> None:
        super().__init__()
        self._shards = shards(examples, labelled)
        self._catalogue = str(catalogue)
        self._counts = counts
        self._options = options

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        """The tally, as the one element of the result."""
        files = root | "Shards" >> beam.Create(self._shards, reshuffle=True)
        frequent = self._frequent(root, files)
        return (
            files
            | "Label" >> beam.ParDo(LabelShard(self._catalogue, self._options), AsIter(frequent))
            | "Add tallies" >> beam.CombineGlobally(_add_tallies)
            | "Report" >> beam.Map(_finish, self._counts)
        )

    def _frequent(self, root: beam.Pipeline, files: beam.PCollection) -> beam.PCollection:
        """Digests of the commands that are said often enough; nothing where every command is."""
        least = self._options.min_count
        if least == 1:
            return root | "No commands" >> beam.Create([], reshuffle=False)
        return (
            files
            | "Commands" >> beam.ParDo(FindCommands(self._catalogue))
            | "Count commands" >> beam.combiners.Count.PerElement()
            | "Frequent" >> beam.Filter(lambda counted, least: counted[1] >= least, least)
            | "Digests" >> beam.Keys()
        )


class FindCommands(beam.DoFn):
    """In: Shard. Out: the digest of every command of an explicit invocation without a `skill_id`."""

    def __init__(self, catalogue: str) -> None:
        self._catalogue = catalogue

    def setup(self) -> None:
        """Builds the index of names once a worker."""
        self._index = InvocationIndex(read_catalogue(Path(self._catalogue)))

    def process(self, shard: Shard) -> Iterator[int]:
        """Reads one file."""
        for record in read_records(Path(shard.source)):
            fields = wire.pick(wire.entries_of(record), _READ)
            if F.SKILL_ID not in fields:
                invocation = strip_invocation(fields[F.UTTERANCE], self._index)
                if invocation is not None and invocation.command:
                    yield _digest(invocation.command)


class LabelShard(beam.DoFn):
    """Writes a shard's labelled form. In: Shard; side input: digests of frequent commands. Out: Tally.

    Counters: label/<source>, label/negative.
    """

    def __init__(self, catalogue: str, options: LabelOptions) -> None:
        self._catalogue = catalogue
        self._options = options

    def setup(self) -> None:
        """Builds the index of names once a worker."""
        self._index = InvocationIndex(read_catalogue(Path(self._catalogue)))

    def process(self, shard: Shard, frequent: Iterable[int]) -> Iterator[Tally]:
        """Labels one file, record by record."""
        tally: Tally = Counter()
        often = frozenset(frequent) if self._options.min_count > 1 else frozenset()
        write_records(Path(shard.target), self._labelled(shard, often, tally))
        for (kind, *key), count in tally.items():
            if kind == "source":
                Metrics.counter("label", key[1]).inc(count)
        yield tally

    def _labelled(self, shard: Shard, often: frozenset[int], tally: Tally) -> Iterator[bytes]:
        def is_rare(command: str) -> bool:
            return self._options.min_count > 1 and _digest(command) not in often

        for record in read_records(Path(shard.source)):
            entries = wire.entries_of(record)
            fields = wire.pick(entries, _READ)
            label = label_of(
                fields[F.UTTERANCE],
                fields.get(F.SKILL_ID),
                fields.get(F.OUTCOME),
                self._index,
                self._options,
                is_rare,
            )
            _count(shard.split, label, tally)
            yield wire.example(entries + wire.encode_entries(label_values(label)))


def _digest(command: str) -> int:
    return int.from_bytes(hashlib.blake2b(normalise(command).encode(), digest_size=8).digest())


def _count(split: str, label: Label, tally: Tally) -> None:
    tally["source", split, label.source] += 1
    tally["rule", split, label.rule] += 1
    if label.skill_id is not None and split == "train":
        tally["popularity", label.skill_id] += 1


def _add_tallies(parts: Iterable[Tally]) -> Tally:
    total: Tally = Counter()
    for part in parts:
        total.update(part)
    return total


def _finish(tally: dict[tuple[str, ...], int], folder: Path) -> Any:
    """Writes `popularity.json` (train alone) and `label_report.json`."""
    popularity = {key[1]: count for key, count in tally.items() if key[0] == "popularity"}
    report = {kind: _by_split(tally, kind, SPLITS) for kind in ("source", "rule")}
    write_popularity(folder, popularity)
    atomic_write(folder / REPORT, json.dumps(report, indent=1) + "\n")
    return tally


def _by_split(
    tally: dict[tuple[str, ...], int], kind: str, splits: Sequence[str]
) -> dict[str, dict[str, int]]:
    return {
        split: {key[2]: count for key, count in sorted(tally.items()) if key[:2] == (kind, split)}
        for split in splits
    }
