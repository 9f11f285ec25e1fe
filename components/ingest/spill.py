"""Where records wait between the two passes: files, so that what Beam shuffles stays tiny.

A segment is a run of bytes for one key in one spill file. Beam groups segments (a path and two numbers), not
records: memory does not grow with the input on a local runner, and a distributed one ships less. Spill files
are written once, under a fresh name, and read only through segments, so that a repeated bundle does no harm;
the folder must be visible to every worker, and who made it removes it.
"""

import secrets
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec

_LIMIT = 16 << 20

Segment = tuple[str, int, int]
"""Path, offset and length in bytes."""


class Spill:
    """Collects records by key and writes each key's records as one segment a flush.

    Args:
        folder: Where the spill file goes; created when needed.
        limit: Bytes held before they are written.
    """

    def __init__(self, folder: Path, *, limit: int = _LIMIT) -> None:
        self._folder = folder
        self._path = folder / f"{secrets.token_hex(8)}.spill"
        self._limit = limit
        self._held = 0
        self._records: defaultdict[Any, list[Any]] = defaultdict(list)
        self._segments: list[tuple[Any, Segment]] = []

    def add(self, key: Any, record: Any, size: int) -> None:
        """Adds a record that msgpack can write, of roughly `size` bytes."""
        self._records[key].append(record)
        self._held += size
        if self._held > self._limit:
            self._flush()

    def close(self) -> list[tuple[Any, Segment]]:
        """Every key's segments in the order written."""
        self._flush()
        return self._segments

    def _flush(self) -> None:
        if not self._records:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            for key, records in self._records.items():
                data = msgspec.msgpack.encode(records)
                self._segments.append((key, (str(self._path), file.tell(), len(data))))
                file.write(data)
        self._records.clear()
        self._held = 0


def load(segment: Segment, kind: Any) -> list[Any]:
    """The records of a segment, each of type `kind`."""
    path, offset, length = segment
    with open(path, "rb") as file:
        file.seek(offset)
        return msgspec.msgpack.decode(file.read(length), type=list[kind])
