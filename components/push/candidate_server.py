"""The embedded server on a candidate that is not installed yet, as a process of its own."""

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import components

_RUNNING = "Running gRPC ModelServer at "
_START_S = 300.0
_STOP_S = 10.0


class CandidateError(ValueError):
    """The server did not start on the candidate."""


@contextmanager
def candidate_server(candidate: Path, model: str) -> Iterator[str]:
    """Serves the SavedModel in `candidate` on loopback as version 1 of `model`; yields the address.

    Raises:
        CandidateError: The server ended, or did not answer in five minutes; with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="arbiter-candidate-") as made:
        base = Path(made)
        (base / model).mkdir()
        (base / model / "1").symlink_to(candidate.absolute())
        log = base / "log"
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "components.server", "--port=0", f"--model_name={model}"),
                    *(f"--model_base_path={base / model}", "--max_num_load_retries=0"),
                    *("--file_system_poll_wait_seconds=0", "--use_saved_model"),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "PYTHONPATH": _python_path()},
            )
        try:
            line = _first_line(process)
            if not line.startswith(_RUNNING):
                raise CandidateError(f"no server starts on {candidate}: {line or _tail(log)}")
            yield line.removeprefix(_RUNNING).split()[0]
        finally:
            _stop(process)


def _python_path() -> str:
    root = str(Path(components.__path__[0]).parent)
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([root, inherited] if inherited else [root])


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    output: IO[str] = process.stdout or sys.stdin
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    try:
        return lines.get(timeout=_START_S).strip()
    except queue.Empty:
        return f"it did not answer in {_START_S:.0f} s"


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-1000:].strip()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
