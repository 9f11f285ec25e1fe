"""What takes long to make is made once, for all processes that pytest-xdist shares the tests among."""

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` returned for an empty folder that it may fill; no test may change what it put there.

    The process that asks first calls it, others wait for that.

    Args:
        name: Of what is made; one for each `make`.
        make: Returns what pickle can keep.
    """
    own = folders.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    kept = shared / f"{name}.pickle"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make(folders.mktemp(name))))
    return pickle.loads(kept.read_bytes())
