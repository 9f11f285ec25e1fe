"""What feedback said, line by line, on disk before anybody is told so.

    JOURNAL/2026-11-21/HOST-0.jsonl      records of the requests of that day (UTC), in the order of feedback

Every process writes files of its own, so that machines may share the folder: their names have the host's in
them, and processes of one host are told apart by a lock. A line is never changed. Of several of one request
the last one holds; see `settle`. A line that a crash cut short was acknowledged to nobody; it is passed over.
"""

import fcntl
import logging
import os
import socket
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO

import msgspec

from components.records.atomic import sync_folder
from components.records.request import Request
from components.router.service.rollout.live import Live

_log = logging.getLogger("arbiter.router")
_LOCK = "lock"
_encoder = msgspec.json.Encoder()


class Line(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line.

    Attributes:
        received: When, microseconds since 1970.
        record: In the dataset's form.
        live: Where a rollout was open, the request's part in it.
    """

    received: int
    record: Request
    live: Live | None = None


_lines = msgspec.json.Decoder(Line)


class _Waiting:
    def __init__(self, day: date, line: bytes) -> None:
        self.day = day
        self.line = line
        self.done = False
        self.error: OSError | None = None


class Journal:
    """Appends lines; those that come together share one fsync.

    Args:
        folder: Made where it is missing. Several processes may share it: each writes files of its own.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name, self._held = _own_name(folder)
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Waiting] = []

    def append(self, day: date, line: Line) -> None:
        """Returns when the line is on disk.

        Raises:
            OSError: It is not, and no part of it.
        """
        own = _Waiting(day, _encoder.encode(line) + b"\n")
        with self._lock:
            self._waiting.append(own)
        with self._turn:
            if not own.done:  # else whoever had the turn before wrote it
                with self._lock:
                    waiting, self._waiting = self._waiting, []
                self._write(waiting)
        if own.error is not None:
            raise own.error

    @property
    def router(self) -> str:
        """The name of this process's files, which no other has."""
        return self._name.removesuffix(".jsonl")

    def close(self) -> None:
        self._held.close()

    def _write(self, waiting: list[_Waiting]) -> None:
        for day in {each.day for each in waiting}:
            own = [each for each in waiting if each.day == day]
            error = None
            try:
                self._append(self._folder / day.isoformat() / self._name, b"".join(e.line for e in own))
            except OSError as raised:
                error = raised
            for each in own:
                each.error, each.done = error, True

    def _append(self, path: Path, lines: bytes) -> None:
        new = not path.exists()
        if new and not path.parent.exists():
            path.parent.mkdir(exist_ok=True)  # another process may be at it too
            sync_folder(self._folder)
        with path.open("r+b" if not new else "w+b", buffering=0) as file:
            end = _whole_end(file)
            try:
                file.seek(end)
                _write_all(file, lines)
                file.truncate()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        if new:
            sync_folder(path.parent)


def days(folder: Path) -> list[date]:
    """The days that have lines, in order."""
    found = []
    for path in folder.glob("*-*-*"):
        try:
            found.append(date.fromisoformat(path.name))
        except ValueError:
            continue
    return sorted(found)


def size(folder: Path, day: date) -> int:
    """Bytes of a day's lines; it grows with every line."""
    return sum(path.stat().st_size for path in (folder / day.isoformat()).glob("*.jsonl"))


def records(folder: Path, day: date) -> list[Request]:
    """The records of a day: of each request what was said last, ordered by request id."""
    return [line.record for line in last_lines(folder, day)]


def last_lines(folder: Path, day: date) -> list[Line]:
    """The same as they stand in the journal."""
    latest: dict[str, Line] = {}
    for path in sorted((folder / day.isoformat()).glob("*.jsonl")):
        for line in _read(path):
            known = latest.get(line.record.request_id)
            if known is None or line.received >= known.received:
                latest[line.record.request_id] = line
    return [latest[request_id] for request_id in sorted(latest)]


def _read(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):  # it was cut short
                continue
            try:
                yield _lines.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                _log.error("a line of the journal %s is damaged: %s", path.name, error)


def _own_name(folder: Path) -> tuple[str, IO[bytes]]:
    """The name of the files that only this process writes, and the lock on it."""
    host, number = socket.gethostname(), 0
    while True:
        held = (folder / f"{host}-{number}.{_LOCK}").open("wb")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            number += 1
        else:
            return f"{host}-{number}.jsonl", held


def _whole_end(file: IO[bytes]) -> int:
    """Where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(end - 65_536, 0)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_all(file: IO[bytes], content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]
