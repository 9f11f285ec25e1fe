"""The embedded server on candidates that are not installed yet, as a process of its own."""

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import components
from components.records.model_names import in_brief
from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config

_RUNNING = "Running gRPC ModelServer at "
_START_S = 300.0
_STOP_S = 10.0


class CandidateError(ValueError):
    """The server did not start on the candidates."""


@contextmanager
def candidate_server(candidates: Mapping[str, Path]) -> Iterator[str]:
    """Serves the SavedModel of each candidate on loopback, under its name as version 1; yields the address.

    Raises:
        CandidateError: The server ended, or did not answer in five minutes; with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="arbiter-candidate-") as made:
        log = Path(made, "log")
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "components.server", "--port=0", "--use_saved_model"),
                    *(f"--model_config_file={candidates_config(candidates, Path(made))}",),
                    *("--max_num_load_retries=0", "--file_system_poll_wait_seconds=0"),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "PYTHONPATH": _python_path()},
            )
        try:
            line = _first_line(process)
            if not line.startswith(_RUNNING):
                raise CandidateError(f"no server starts on {in_brief(candidates)}: {line or _tail(log)}")
            yield line.removeprefix(_RUNNING).split()[0]
        finally:
            _stop(process)


def candidates_config(candidates: Mapping[str, Path], base: Path) -> Path:
    """A `models.config` in the folder `base` that serves each candidate as version 1 of its model."""
    configs = []
    for model, candidate in candidates.items():
        (base / model).mkdir()
        (base / model / "1").symlink_to(candidate.absolute())
        configs.append(ModelConfig(name=model, base_path=str(base / model), versions=(1,)))
    write_models_config(base / MODELS_CONFIG, tuple(configs))
    return base / MODELS_CONFIG


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
