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
from components.ingest.span import (
    LATE,
    ORDER,
    PINNED,
    REREAD,
    Owner,
    Span,
    States,
    read_ids,
    read_owners,
    write_ids,
    write_owners,
)
from components.ingest.spill import Segment, Spill, load
from components.ingest.split_plan import SplitPlan
from components.records import wire
from components.records.artifact_files import split_folder
from components.records.errors import RecordError
from components.records.features import F
from components.records.request import SPLITS
from components.records.tfrecord import write_records
from components.records.usage import MOST_USES, WINDOW, used_before

_REQUEST_ID = {F.REQUEST_ID.encode(): F.REQUEST_ID}


class FindRepeats(beam.DoFn):
    """In: (id partition, its Segments). Out: (row partition, (position, same)) for every repeated id.

    Out, tagged: tallies: Tally, where all files must be read again.

    Args:
        states: Ids that were read before, and where they are kept with the new ones.
        in_order: Whether the new files stand after those read before, whose records then come first.
    """

    def __init__(self, states: States, *, in_order: bool) -> None:
        self._states = states
        self._in_order = in_order

    def process(self, grouped: tuple[int, Iterable[Segment]]) -> Iterator[Any]:
        """Compares all records whose ids fall in this partition."""
        partition, segments = grouped
        known = read_ids(self._states.before, partition)
        new = np.frombuffer(
            b"".join([b"".join(load(segment, bytes)) for segment in segments]), IDENTITY
        ).copy()
        new["position"] += 1  # those before stand at 0
        found = repeats(np.concatenate([known, new]))
        again = {repeat.position for repeat in found}
        first = new[[position not in again for position in new["position"].tolist()]]
        write_ids(self._states.now, partition, np.concatenate([known, first]))
        if not self._in_order and len(found) > len(repeats(new)):
            yield beam.pvalue.TaggedOutput("tallies", Counter({(REREAD, ORDER): 1}))
        for repeat in found:
            yield repeat.partition, (repeat.position - 1, repeat.same)


class WritePartition(beam.DoFn):
    """Writes one shard of every split. In: (partition, {rows, repeats}); side input: the split plan.

    Out, tagged: tallies: Tally; letters: (partition, Segment of SpilledLetter).
    Counters: ingest/out, ingest/duplicates.
    """

    def __init__(self, examples: str, spill: str, states: States, span: Span) -> None:
        self._examples = Path(examples)
        self._spill = spill
        self._states = states
        self._span = span

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
        known = read_owners(self._states.before, partition)
        written: dict[str, list[tuple[int, bytes]]] = {split: [] for split in SPLITS}
        for owner, own in owners.items():
            earlier = known.get(owner)
            if earlier is not None:
                tally.update((REREAD, reason) for reason in _reaching_back(own, earlier))
            split = _split_of(own, earlier, plan, tally)
            uses = _uses(own, earlier)
            for row, recent in zip(own, _recent(own, uses), strict=True):
                if not plan.keeps(split, row.time):
                    tally["left_out",] += 1
                    continue
                written[split].append((row.position, _example(row, split, recent)))
                _count(row, split, recent, tally)
            if own[0].known:
                known[owner] = _owner(own, earlier, uses)
        write_owners(self._states.now, partition, known)
        for split, examples in written.items():
            if examples or self._span.span == 1:
                examples.sort()
                write_records(self._shard(split, partition), [example for _, example in examples])
        Metrics.counter("ingest", "out").inc(sum(map(len, written.values())))
        Metrics.counter("ingest", "duplicates").inc(tally["duplicate",])
        for key, segment in spill.close():
            yield beam.pvalue.TaggedOutput("letters", (key, segment))
        yield beam.pvalue.TaggedOutput("tallies", tally)

    def _shard(self, split: str, partition: int) -> Path:
        span = f"span{self._span.span:05d}-" if self._span.span > 1 else ""
        name = f"data_tfrecord-{span}{partition:05d}-of-{self._span.shards:05d}.gz"
        return split_folder(self._examples, split) / name


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


def _reaching_back(own: list[Row], earlier: Owner) -> Iterator[str]:
    """Why an owner's new rows change what was written of the earlier ones."""
    if earlier.last is not None and any(row.time is not None and row.time < earlier.last for row in own):
        yield LATE
    if not {row.pin for row in own if row.pin is not None} <= {*earlier.pins}:
        yield PINNED


def _pins(own: list[Row], earlier: Owner | None) -> frozenset[str]:
    return frozenset(row.pin for row in own if row.pin is not None) | frozenset(
        earlier.pins if earlier else ()
    )


def _split_of(own: list[Row], earlier: Owner | None, plan: SplitPlan, tally: Tallied) -> str:
    """The split of one owner's rows; counts customers, and conflicts among their pins."""
    pins = _pins(own, earlier)
    split = plan.split_of(own[0].owner, pins)
    if own[0].known and earlier is None:
        tally["customer", split] += 1
    if len(pins) > 1:
        tally["conflict", "customers"] += earlier is None
        tally["conflict", "moved"] += sum(row.pin not in (None, split) for row in own)
    return split


def _uses(own: list[Row], earlier: Owner | None) -> list[tuple[int, str]]:
    """(time, skill) of what an owner used, ascending."""
    new = [(row.time, row.used) for row in own if row.used is not None and row.time is not None and row.known]
    return sorted([*(earlier.uses if earlier else ()), *new])


def _owner(own: list[Row], earlier: Owner | None, uses: list[tuple[int, str]]) -> Owner:
    """What the next span must know."""
    times = [row.time for row in own if row.time is not None]
    if earlier is not None and earlier.last is not None:
        times.append(earlier.last)
    last = max(times, default=None)
    looked_at = [use for use in uses if last is not None and use[0] >= last - WINDOW]
    return Owner(last=last, pins=tuple(sorted(_pins(own, earlier))), uses=tuple(looked_at[-MOST_USES:]))


def _recent(own: list[Row], uses: list[tuple[int, str]]) -> Iterator[bytes]:
    """The `recent` entries of each of one owner's rows, from that owner's earlier uses alone."""
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
