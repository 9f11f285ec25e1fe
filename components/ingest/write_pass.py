"""Pass two: a partition, in which all of a customer's requests lie, becomes a shard of Examples."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.metrics import Metrics

from components.ingest.duplicates import IDENTITY, repeats
from components.ingest.letters import ROUGH_BYTES, SpilledLetter
from components.ingest.report import Tallied
from components.ingest.rows import Row, recent_entries
from components.ingest.spill import Segment, Spill, load
from components.ingest.split_plan import SplitPlan
from components.records import wire
from components.records.artifact_files import split_folder
from components.records.errors import RecordError
from components.records.features import F
from components.records.request import SPLITS
from components.records.tfrecord import write_records
from components.records.usage import used_before

_REQUEST_ID = {F.REQUEST_ID.encode(): F.REQUEST_ID}


class FindRepeats(beam.DoFn):
    """In: (id partition, its Segments). Out: (row partition, (position, same)) for every repeated id."""

    def process(self, grouped: tuple[int, Iterable[Segment]]) -> Iterator[tuple[int, tuple[int, bool]]]:
        """Compares all records whose ids fall in this partition."""
        packed = b"".join([b"".join(load(segment, bytes)) for segment in grouped[1]])
        for repeat in repeats(np.frombuffer(packed, IDENTITY)):
            yield repeat.partition, (repeat.position, repeat.same)


class WritePartition(beam.DoFn):
    """Writes one shard of every split. In: (partition, {rows, repeats}); side input: the split plan.

    Out, tagged: tallies: Tally; letters: (partition, Segment of SpilledLetter).
    Counters: ingest/out, ingest/duplicates.
    """

    def __init__(self, examples: str, spill: str, shards: int) -> None:
        self._examples = Path(examples)
        self._spill = spill
        self._shards = shards

    def process(self, grouped: tuple[int, dict[str, Iterable[Any]]], plan: SplitPlan) -> Iterator[Any]:
        """Drops repeats, splits by customer, adds usage, writes."""
        partition, parts = grouped
        tally: Tallied = Counter()
        spill = Spill(Path(self._spill))
        rows = [row for segment in parts["rows"] for row in load(segment, Row)]
        rows.sort(key=lambda row: row.position)
        kept = list(_without_repeats(rows, dict(parts["repeats"]), spill, partition, tally))
        owners: defaultdict[str, list[Row]] = defaultdict(list)
        for row in kept:
            # Without a customer nothing ties two requests together: each is decided alone.
            owners[row.owner if row.known else f"{row.owner}\0{row.position}"].append(row)
        written: dict[str, list[tuple[int, bytes]]] = {split: [] for split in SPLITS}
        for own in owners.values():
            split = _split_of(own, plan, tally)
            for row, recent in zip(own, _recent(own), strict=True):
                if not plan.keeps(split, row.time):
                    tally["left_out",] += 1
                    continue
                written[split].append((row.position, _example(row, split, recent)))
                _count(row, split, recent, tally)
        for split, examples in written.items():
            examples.sort()
            write_records(self._shard(split, partition), [example for _, example in examples])
        Metrics.counter("ingest", "out").inc(sum(map(len, written.values())))
        Metrics.counter("ingest", "duplicates").inc(tally["duplicate",])
        for key, segment in spill.close():
            yield beam.pvalue.TaggedOutput("letters", (key, segment))
        yield beam.pvalue.TaggedOutput("tallies", tally)

    def _shard(self, split: str, partition: int) -> Path:
        return split_folder(self._examples, split) / f"data_tfrecord-{partition:05d}-of-{self._shards:05d}.gz"


def _without_repeats(
    rows: Iterable[Row], repeated: dict[int, bool], spill: Spill, partition: int, tally: Tallied
) -> Iterator[Row]:
    """The rows that are the first of their id; the others are counted, or become dead letters."""
    for row in rows:
        same = repeated.get(row.position)
        if same is None:
            yield row
        elif same:
            tally["duplicate",] += 1
        else:
            request_id = wire.pick(row.entries, _REQUEST_ID)[F.REQUEST_ID]
            error = RecordError(
                "duplicate_id", "request_id", "must be unique: an earlier record differs", request_id
            )
            spill.add(partition, SpilledLetter.of(row.position, error), ROUGH_BYTES)
            tally["dead", error.reason] += 1


def _split_of(own: list[Row], plan: SplitPlan, tally: Tallied) -> str:
    """The split of one owner's rows; counts customers, and conflicts among their pins."""
    pins = frozenset(row.pin for row in own if row.pin is not None)
    split = plan.split_of(own[0].owner, pins)
    if own[0].known:
        tally["customer", split] += 1
    if len(pins) > 1:
        tally["conflict", "customers"] += 1
        tally["conflict", "moved"] += sum(row.pin not in (None, split) for row in own)
    return split


def _recent(own: list[Row]) -> Iterator[bytes]:
    """The `recent` entries of each of one owner's rows, from that owner's earlier rows alone."""
    uses = sorted(
        (row.time, row.used) for row in own if row.used is not None and row.time is not None and row.known
    )
    times, skills = [time for time, _ in uses], [skill for _, skill in uses]
    for row in own:
        if row.recent or row.time is None or not uses:
            yield row.recent
        else:
            yield recent_entries(used_before(skills, times, row.time))


def _example(row: Row, split: str, recent: bytes) -> bytes:
    """The finished Example: `also_correct` is for measuring and goes to dev and test alone."""
    measured = row.also_correct if split in ("dev", "test") else b""
    return wire.example(row.entries + recent + measured + wire.encode_entries({F.SPLIT: [split]}))


def _count(row: Row, split: str, recent: bytes, tally: Tallied) -> None:
    tally["out", split] += 1
    if row.skill is not None:
        tally["skill", split, row.skill] += 1
    if recent:
        tally["with_recent",] += 1
