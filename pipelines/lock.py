"""One run at a time in a workspace."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from pipelines.errors import CommandError

_TRIES = 5
_PAUSE_S = 0.05


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock."""

    pid: int
    host: str
    since: str


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds `path` locked. The kernel drops the lock with the process, so a killed run leaves none behind.

    Raises:
        CommandError: Another process holds it; the message says which and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _taken(file):
            raise CommandError(
                f"{path.parent} is in use: {_holder(path)}.", "Wait for it to end, or stop it."
            )
        me = Holder(os.getpid(), socket.gethostname(), f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        file.truncate(0)
        file.write(msgspec.json.encode(me))
        file.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds `path` now."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _taken(file: IO[bytes]) -> bool:
    """Tries for a moment: who asks `is_held` has the lock for an instant."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        else:
            return True
    return False


def _holder(path: Path) -> str:
    try:
        holder = msgspec.json.decode(path.read_bytes(), type=Holder)
    except msgspec.DecodeError:  # it locked the file and has not yet written its name
        return "another process is starting a run in it"
    return f"process {holder.pid} on {holder.host} runs in it since {holder.since}"
