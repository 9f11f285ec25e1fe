"""Processes that outlive the command that started them: a file says which, a log what they said."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write

_PATIENCE_S = 15.0


class Started(msgspec.Struct, frozen=True):
    """A process, which leads a group of its own: its id and the command it was started with."""

    pid: int
    command: tuple[str, ...]

    @property
    def lives(self) -> bool:
        """Whether it is still this process that has the id."""
        try:
            said = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return False
        return said == b"".join(word.encode() + b"\0" for word in self.command)


class Processes:
    """The processes that a folder knows, by name: NAME.json and logs/NAME.log.

    Args:
        folder: Made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def log(self, name: str) -> Path:
        """What the process says."""
        return self._folder / "logs" / f"{name}.log"

    def find(self) -> dict[str, Started]:
        """All that were started and not stopped, dead ones too."""
        return {
            path.stem: msgspec.json.decode(path.read_bytes(), type=Started)
            for path in sorted(self._folder.glob("pids/*.json"))
        }

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> bool:
        """Starts it, where it does not live; whether it was started."""
        known = self.find().get(name)
        if known is not None and known.lives:
            return False
        log = self.log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as said:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        atomic_write(
            self._folder / "pids" / f"{name}.json", msgspec.json.encode(Started(process.pid, tuple(command)))
        )
        return True

    def stop(self) -> None:
        """Stops each process with all that it started; those that do not end within seconds are killed."""
        living = [each for each in self.find().values() if each.lives]
        for each in living:
            os.killpg(each.pid, signal.SIGTERM)
        until = time.monotonic() + _PATIENCE_S
        while any(each.lives for each in living) and time.monotonic() < until:
            time.sleep(0.1)
        for each in living:
            if each.lives:
                os.killpg(each.pid, signal.SIGKILL)
        for path in self._folder.glob("pids/*.json"):
            path.unlink()
