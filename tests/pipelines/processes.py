"""`python -m MODULE WORD…` as a process of its own, without the seconds in which each would import TensorFlow
and TFX anew: it is forked from one process that has imported them, and nothing of Arbiter."""

import multiprocessing
import os
import runpy
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import NamedTuple

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tfx.orchestration.portable.launcher"])
_ONE_AT_A_TIME = threading.Lock()
"""Starting a process asks how others ended; two threads that ask at once take the answer from each other."""


class Ended(NamedTuple):
    """What a process left: its exit code, or minus the signal that ended it, and what it wrote."""

    code: int
    said: str
    warned: str


def python(words: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Ended:
    """Runs `python WORDS` in the folder until it ends."""
    with tempfile.TemporaryDirectory() as kept:
        said, warned = Path(kept, "out"), Path(kept, "err")
        process = _FORKING.Process(target=_module, args=(words, folder, dict(environment), said, warned))
        with _ONE_AT_A_TIME:
            process.start()
        wait([process.sentinel])
        with _ONE_AT_A_TIME:
            process.join()
        assert process.exitcode is not None
        return Ended(process.exitcode, said.read_text(), warned.read_text())


def _module(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], said: Path, warned: Path
) -> None:
    for number, path in ((1, said), (2, warned)):
        with path.open("w") as file:
            os.dup2(file.fileno(), number)
    option, module, *rest = words
    assert option == "-m", words
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
