"""Pass one: blocks of files become rows, spilled to their customer's partition."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from components.ingest.blocks import Block
from components.ingest.letters import ROUGH_BYTES, SpilledLetter
from components.ingest.read import read
from components.ingest.report import Tallied
from components.ingest.rows import identity_of, position_of, row_of
from components.ingest.spill import Spill
from components.ingest.split_plan import HOUR, Census
from components.records.catalogue import read_catalogue
from components.records.errors import RecordError
from components.records.request import Request


class ReadBlock(beam.DoFn):
    """Reads one block: In: Block. Out, tagged:

    rows: (partition, Segment of Row); ids: (partition, Segment of bytes); letters: (block index,
    Segment of SpilledLetter); census: Census; tallies: Tally; files: (block index, lines, Tally).
    Counters: ingest/in, ingest/dead.
    """

    def __init__(self, catalogue: str, spill: str, shards: int, *, by_time: bool) -> None:
        self._catalogue_path = catalogue
        self._spill = spill
        self._shards = shards
        self._by_time = by_time

    def setup(self) -> None:
        """Reads the catalogue once a worker."""
        self._catalogue = read_catalogue(Path(self._catalogue_path))

    def process(self, block: Block) -> Iterator[Any]:
        """Reads, checks and spills the block's records."""
        spill, census = Spill(Path(self._spill)), Census()
        tally: Tallied = Counter()
        number = -1
        for number, record in read(block, self._catalogue):
            if record is None:
                continue
            position = position_of(block.index, number)
            if isinstance(record, Request):
                record = self._refused(record) or record
            if isinstance(record, RecordError):
                spill.add(("letters", block.index), SpilledLetter.of(position, record), ROUGH_BYTES)
                tally["dead", record.reason] += 1
            else:
                self._spill_row(record, position, spill, census)
            tally["in",] += 1
        Metrics.counter("ingest", "in").inc(tally["in",])
        Metrics.counter("ingest", "dead").inc(sum(n for key, n in tally.items() if key[0] == "dead"))
        for (tag, key), segment in spill.close():
            yield beam.pvalue.TaggedOutput(tag, (key, segment))
        yield beam.pvalue.TaggedOutput("census", census)
        yield beam.pvalue.TaggedOutput("tallies", tally)
        yield beam.pvalue.TaggedOutput("files", (block.index, number + 1, tally))

    def _refused(self, request: Request) -> RecordError | None:
        if self._by_time and request.timestamp is None:
            return RecordError("missing_field", "timestamp", "is required to split by time")
        return None

    def _spill_row(self, request: Request, position: int, spill: Spill, census: Census) -> None:
        row = row_of(request, position)
        partition = bucket(row.owner.encode(), self._shards)
        identity = identity_of(request, partition, position)
        spill.add(("rows", partition), row, len(row.entries) + 200)
        spill.add(("ids", bucket(identity[:16], self._shards)), identity, len(identity))
        if row.pin is not None:
            census.pinned.add(row.pin)
        if self._by_time and row.time is not None:
            hour = row.time // HOUR
            census.hours[hour] = census.hours.get(hour, 0) + 1


def bucket(key: bytes, buckets: int) -> int:
    """Which of `buckets` the key falls into; the same on every machine."""
    return int.from_bytes(hashlib.blake2b(key, digest_size=8, salt=b"shard").digest()) % buckets
