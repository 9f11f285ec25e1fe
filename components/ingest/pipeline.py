"""The ingest pipeline: wires the passes. Request files in; Examples, dead letters and a report out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import AsList, AsSingleton

from components.ingest.blocks import Block, blocks, request_files, shards_for
from components.ingest.letters import write_letters
from components.ingest.options import IngestOptions
from components.ingest.read_pass import ReadBlock
from components.ingest.report import FileCount, Tallied, Tally, report_of, write_report
from components.ingest.spill import Segment
from components.ingest.split_plan import Census, SplitPlan
from components.ingest.write_pass import FindRepeats, WritePartition
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import read_catalogue, write_catalogue

_READ_TAGS = ("rows", "ids", "letters", "census", "tallies", "files")


class IngestPaths(NamedTuple):
    """Where ingest writes: three artifact folders, and one for spill files that the caller removes."""

    examples: Path
    catalogue: Path
    letters: Path
    spill: Path


class Ingest(beam.PTransform):
    """Reads a dataset folder and writes the artifacts.

    Checks the catalogue and lists the files when it is made, before a job starts.

    Args:
        data: The dataset's folder.
        paths: Where to write.

    Raises:
        CatalogueError: The catalogue has bad lines.
        FileNotFoundError: There is no catalogue, or no request file.
    """

    def __init__(self, data: Path, paths: IngestPaths, options: IngestOptions) -> None:
        super().__init__()
        write_catalogue(paths.catalogue / CATALOGUE, read_catalogue(data / CATALOGUE))
        self._paths = paths
        self._options = options
        self._blocks = blocks(request_files(data, options.requests), options.block_bytes)
        self._shards = shards_for(self._blocks, options.partition_bytes)

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        """The report, as the one element of the result."""
        paths, options, spill = self._paths, self._options, str(self._paths.spill)
        read_block = ReadBlock(
            str(paths.catalogue / CATALOGUE), spill, self._shards, by_time=options.split_by == "time"
        )
        blocks_in = root | "Blocks" >> beam.Create(self._blocks, reshuffle=True)
        read = blocks_in | "Read" >> beam.ParDo(read_block).with_outputs(*_READ_TAGS)
        repeats = read.ids | "Group ids" >> beam.GroupByKey() | "Find repeats" >> beam.ParDo(FindRepeats())
        plan = (
            read.census
            | "Add census" >> beam.CombineGlobally(_add_census)
            | "Plan splits" >> beam.Map(SplitPlan.of, options.shares, options.split_by)
        )
        # A partition without rows still writes its shards, so that every split has files.
        partitions = root | "Partitions" >> beam.Create([(i, None) for i in range(self._shards)])
        write_partition = WritePartition(str(paths.examples), spill, self._shards)
        written = (
            {"rows": read.rows, "repeats": repeats, "partitions": partitions}
            | "Group rows" >> beam.CoGroupByKey()
            | "Write" >> beam.ParDo(write_partition, AsSingleton(plan)).with_outputs("letters", "tallies")
        )
        tally = (
            (read.tallies, written.tallies)
            | "All tallies" >> beam.Flatten()
            | "Add tallies" >> beam.CombineGlobally(_add_tallies)
        )
        return tally | "Report" >> beam.Map(
            _finish,
            paths.letters,
            self._blocks,
            AsList(read.files),
            AsList(read.letters),
            AsList(written.letters),
        )


def _add_census(parts: Iterable[Census]) -> Census:
    total = Census()
    for part in parts:
        total.add(part)
    return total


def _add_tallies(parts: Iterable[Tally]) -> Tally:
    total: Tallied = Counter()
    for part in parts:
        total.update(part)
    return total


def _finish(
    tally: Tally,
    folder: Path,
    every: Sequence[Block],
    files: list[tuple[int, int, Tally]],
    read_letters: list[tuple[int, Segment]],
    repeat_letters: list[tuple[int, Segment]],
) -> Any:
    """Writes the dead letters and the report, and returns it."""
    repeated: dict[int, list[Segment]] = {}
    for partition, segment in sorted(repeat_letters):
        repeated.setdefault(partition, []).append(segment)
    in_order = [segment for _, segment in sorted(read_letters, key=lambda item: (item[0], item[1][1]))]
    lines = {index: count for index, count, _ in files}
    first = write_letters(folder, [in_order, *repeated.values()], every, lines)
    report = report_of(tally, _file_counts(every, {index: own for index, _, own in files}), first)
    write_report(folder, report)
    return report


def _file_counts(every: Sequence[Block], tallies: dict[int, Tally]) -> list[FileCount]:
    by_file: dict[str, Tallied] = {}
    for block in every:
        by_file.setdefault(block.path, Counter()).update(tallies[block.index])
    return [
        FileCount(
            file=path,
            records=tally["in",],
            dead=sum(count for key, count in tally.items() if key[0] == "dead"),
            note="" if tally["in",] else "no record in it",
        )
        for path, tally in by_file.items()
    ]
