"""Which model server, if any, is serving a serving folder now: it leaves its address there."""

import os
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write

_FILE = "server.json"


class LiveServer(msgspec.Struct, frozen=True):
    """Address (`host:port`) and process id of a server."""

    address: str
    pid: int


def announce(serving_dir: Path, address: str) -> None:
    """Says that this process serves `serving_dir` at `address`."""
    atomic_write(serving_dir / _FILE, msgspec.json.encode(LiveServer(address, os.getpid())))


def withdraw(serving_dir: Path) -> None:
    """Takes this process's announcement back; another's is left alone."""
    server = _read(serving_dir)
    if server is not None and server.pid == os.getpid():
        (serving_dir / _FILE).unlink(missing_ok=True)


def live_address(serving_dir: Path) -> str | None:
    """The address of the server of `serving_dir`; None where there is none or its process ended."""
    server = _read(serving_dir)
    if server is None:
        return None
    try:
        os.kill(server.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:  # it lives, as another user
        pass
    return server.address


def _read(serving_dir: Path) -> LiveServer | None:
    try:
        return msgspec.json.decode((serving_dir / _FILE).read_bytes(), type=LiveServer)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
