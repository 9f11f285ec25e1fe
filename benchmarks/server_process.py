"""A server as a process of its own: where it answers, what it uses."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_RUNNING = "Running "


class ServerProcess:
    """Runs from its making to `stop`; a context manager.

    Args:
        flags: Of `python -m MODULE`.
        environment: Beside that of this process.
        module: That says where it answers in its first line: `Running NAME at HOST:PORT ...`.

    Raises:
        RuntimeError: It did not start.
    """

    def __init__(
        self,
        flags: Sequence[str],
        *,
        environment: Mapping[str, str],
        module: str = "components.server",
    ) -> None:
        command = [sys.executable, "-m", module, "--port=0", *flags]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line.startswith(_RUNNING):
            self.stop()
            raise RuntimeError(f"the server did not start: {line}")
        self.address = line.partition(" at ")[2].split()[0]

    def processor_s(self) -> float:
        """Processor time used so far."""
        with open(f"/proc/{self._process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self) -> float:
        """In memory now, in 10⁶ bytes."""
        with open(f"/proc/{self._process.pid}/statm") as file:
            return int(file.read().split()[1]) * _PAGE / 1e6

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/task"))

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def kill(self) -> None:
        """As `kill -9` does."""
        self._process.kill()
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
