"""Who may work in a workspace beside whom: what makes the whole system alone, domain updates together."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from pipelines.errors import CommandError


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock alone."""

    pid: int
    host: str
    since: str


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds `path` locked, alone. The kernel drops the lock with the process: a killed run leaves none.

    Raises:
        CommandError: Another process holds it, alone or not; the message says which.
    """
    with _locked(path, fcntl.LOCK_EX) as file:
        me = Holder(os.getpid(), socket.gethostname(), f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        file.truncate(0)
        file.write(msgspec.json.encode(me))
        file.flush()
        yield


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """As `exclusive`, but beside any number of others that share it.

    Raises:
        CommandError: Another process holds it alone; the message says which and since when.
    """
    with _locked(path, fcntl.LOCK_SH):
        yield


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Holds `path` locked, alone; waits for whoever holds it, as long as that takes."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _taken(file, kind):
            together = kind == fcntl.LOCK_EX and _taken(file, fcntl.LOCK_SH)
            who = "domains are being updated" if together else _holder(path)
            raise CommandError(f"{path.parent} is in use: {who}.", "Wait for it to end, or stop it.")
        yield file


def _taken(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        holder = msgspec.json.decode(path.read_bytes(), type=Holder)
    except msgspec.DecodeError:  # it locked the file and has not yet written its name
        return "another process is starting a run in it"
    return f"process {holder.pid} on {holder.host} runs in it since {holder.since}"
