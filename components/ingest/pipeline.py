"""The ingest pipeline: wires the passes. Request files in; Examples, dead letters and a report out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
import msgspec
from apache_beam.pvalue import AsList, AsSingleton

from components.ingest.blocks import Block, blocks, request_files, shards_for
from components.ingest.letters import add_letters, write_letters
from components.ingest.options import IngestOptions
from components.ingest.read_pass import ReadBlock
from components.ingest.report import FileCount, Tallied, Tally, read_report, report_of, write_report
from components.ingest.span import (
    REREAD,
    SPLIT,
    Earlier,
    Span,
    States,
    chain_of,
    read_files,
    reasons,
    write_span,
)
from components.ingest.spill import Segment
from components.ingest.split_plan import Census, SplitPlan
from components.ingest.write_pass import FindRepeats, WritePartition
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import read_catalogue, write_catalogue

_READ_TAGS = ("rows", "ids", "letters", "census", "tallies", "files")


class IngestPaths(NamedTuple):
    """Where ingest writes: four artifact folders, and one for spill files that the caller removes."""

    examples: Path
    catalogue: Path
    letters: Path
    state: Path
    spill: Path


class Ingest(beam.PTransform):
    """Reads a dataset folder and writes the artifacts.

    Checks the catalogue and lists the files when it is made, before a job starts.

    Args:
        data: The dataset's folder.
        paths: Where to write.
        earlier: The span before, where only the files that it lacks are to be read.

    Raises:
        CatalogueError: The catalogue has bad lines.
        FileNotFoundError: There is no catalogue, or no request file.
    """

    def __init__(
        self, data: Path, paths: IngestPaths, options: IngestOptions, *, earlier: Earlier | None = None
    ) -> None:
        super().__init__()
        catalogue = read_catalogue(data / CATALOGUE)
        write_catalogue(paths.catalogue / CATALOGUE, catalogue)
        self._paths = paths
        self._options = options
        self._earlier = earlier
        every = request_files(data, options.requests)
        files = read_files(data, every)
        before = None if earlier is None else earlier.span
        known = () if before is None else before.files
        new = [path for path, file in zip(every, files, strict=True) if file not in known]
        self._every = every
        self._blocks = blocks(new, options.block_bytes)
        self._span = Span(
            span=1 if before is None else before.span + 1,
            chain=chain_of(files, options, catalogue.skill_ids) if before is None else before.chain,
            data=str(data),
            options=options,
            shards=shards_for(self._blocks, options.partition_bytes) if before is None else before.shards,
            skill_ids=catalogue.skill_ids,
            pinned=() if before is None else before.pinned,
            files=files,
            tally=[] if before is None else before.tally,
        )
        last = max(files.index(file) for file in known) if known else -1
        self._in_order = all(i > last for i, file in enumerate(files) if file not in known)

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        """The report, as the one element of the result."""
        paths, options, spill, shards = self._paths, self._options, str(self._paths.spill), self._span.shards
        read_block = ReadBlock(
            str(paths.catalogue / CATALOGUE), spill, shards, by_time=options.split_by == "time"
        )
        states = States(None if self._earlier is None else self._earlier.state, paths.state)
        blocks_in = root | "Blocks" >> beam.Create(self._blocks, reshuffle=True)
        read = blocks_in | "Read" >> beam.ParDo(read_block).with_outputs(*_READ_TAGS)
        find_repeats = FindRepeats(states, in_order=self._in_order)
        repeats = (
            read.ids
            | "Group ids" >> beam.GroupByKey()
            | "Find repeats" >> beam.ParDo(find_repeats).with_outputs("tallies", main="repeats")
        )
        census = (
            read.census
            | "Add census" >> beam.CombineGlobally(_add_census)
            | "Add pins" >> beam.Map(_with_pins, self._span.pinned)
        )
        plan = census | "Plan splits" >> beam.Map(SplitPlan.of, options.shares, options.split_by)
        # A partition without rows still writes its shards, so that every split has files.
        partitions = root | "Partitions" >> beam.Create([(i, None) for i in range(shards)])
        write_partition = WritePartition(str(paths.examples), spill, states, self._span)
        written = (
            {"rows": read.rows, "repeats": repeats.repeats, "partitions": partitions}
            | "Group rows" >> beam.CoGroupByKey()
            | "Spread" >> beam.Reshuffle()  # a grouping's keys go to workers by chance, to some twice as many
            | "Write" >> beam.ParDo(write_partition, AsSingleton(plan)).with_outputs("letters", "tallies")
        )
        tally = (
            (read.tallies, repeats.tallies, written.tallies)
            | "All tallies" >> beam.Flatten()
            | "Add tallies" >> beam.CombineGlobally(_add_tallies)
        )
        return tally | "Report" >> beam.Map(
            _finish,
            paths,
            self._span,
            self._earlier,
            self._every,
            self._blocks,
            AsSingleton(census),
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


def _with_pins(census: Census, pinned: Sequence[str]) -> Census:
    return msgspec.structs.replace(census, pinned={*census.pinned, *pinned})


def _finish(
    tally: Tally,
    paths: IngestPaths,
    span: Span,
    earlier: Earlier | None,
    files: Sequence[Path],
    every: Sequence[Block],
    census: Census,
    read_files: list[tuple[int, int, Tally]],
    read_letters: list[tuple[int, Segment]],
    repeat_letters: list[tuple[int, Segment]],
) -> Any:
    """Writes dead letters, report and state of this span and those before it, and returns the report."""
    repeated: dict[int, list[Segment]] = {}
    for partition, segment in sorted(repeat_letters):
        repeated.setdefault(partition, []).append(segment)
    in_order = [segment for _, segment in sorted(read_letters, key=lambda item: (item[0], item[1][1]))]
    lines = {index: count for index, count, _ in read_files}
    first = write_letters(paths.letters, [in_order, *repeated.values()], every, lines)
    counts = _file_counts(every, {index: own for index, _, own in read_files})
    total: Tallied = Counter(tally)
    if earlier is not None:
        total.update(dict(earlier.span.tally))
        first = add_letters(paths.letters, earlier.state, files)
        counts += read_report(earlier.state).files
    order = {str(path): i for i, path in enumerate(files)}
    counts.sort(key=lambda count: order[count.file])
    reread = reasons(tally)
    if earlier is not None and not census.pinned <= {*span.pinned}:
        reread = SPLIT
    report = report_of(total, counts, first, span=span.span, read=tally["in",])
    write_report(paths.letters, report)
    state = msgspec.structs.replace(
        span,
        pinned=tuple(sorted(census.pinned)),
        tally=sorted((key, count) for key, count in total.items() if key[0] != REREAD),
        reread=reread,
    )
    write_span(paths.state, state)
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
