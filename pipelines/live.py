"""The runs that go on now. Each process of one holds a file locked, which the kernel frees with it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pipelines.workspace import Workspace

_STARTING = ".starting"
_NODE = "@"  # in the name of a file: what is before it is the run, what is after it the node


@contextmanager
def announced(workspace: Workspace) -> Iterator[str]:
    """Yields a run's id, its start in UTC, which no other run has; the run is live until the block ends."""
    with _starting(workspace):
        run_id, file = _new(workspace.live)
    try:
        yield run_id
    finally:
        (workspace.live / run_id).unlink(missing_ok=True)
        file.close()


@contextmanager
def announced_node(workspace: Workspace, run_id: str, node: str) -> Iterator[None]:
    """The run is live until the block ends, or another process of it does; this one runs one of its nodes.

    Raises:
        BlockingIOError: Another process runs this node of this run.
    """
    path = workspace.live / f"{run_id}{_NODE}{node}"
    with _starting(workspace):
        file = path.open("ab")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with file:
        yield
        path.unlink(missing_ok=True)


def live_runs(workspace: Workspace) -> frozenset[str]:
    """The ids of the runs that go on, in whatever process."""
    held = (path for path in workspace.live.glob("[!.]*") if _is_held(path))
    return frozenset(path.name.partition(_NODE)[0] for path in held)


@contextmanager
def no_run_starts(workspace: Workspace) -> Iterator[frozenset[str]]:
    """Yields the ids of the runs that go on; no other one starts within the block. One may end."""
    with _starting(workspace):
        for path in workspace.live.glob("[!.]*"):
            if not _is_held(path):  # it was killed
                path.unlink(missing_ok=True)
        yield live_runs(workspace)


@contextmanager
def _starting(workspace: Workspace) -> Iterator[None]:
    workspace.live.mkdir(parents=True, exist_ok=True)
    with (workspace.live / _STARTING).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _new(folder: Path) -> tuple[str, IO[bytes]]:
    while True:
        run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        try:
            file = (folder / run_id).open("xb")
        except FileExistsError:  # started in the same microsecond
            continue
        fcntl.flock(file, fcntl.LOCK_EX)
        return run_id, file


def _is_held(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:  # it has just ended
        return False
    except BlockingIOError:
        return True
    return False
