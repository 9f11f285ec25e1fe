"""Starts a router and a generator of load, and measures the one with the other."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.load.generator import Outcome, Phase

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Router(NamedTuple):
    """A router that runs.

    Attributes:
        address: Of its REST API.
        pid: Its process.
        start_s: From its start to its first answer.
    """

    address: str
    pid: int
    start_s: float

    def rss_mb(self) -> float:
        """What it has in memory now, in 10⁶ bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE / 1e6

    def cpu_s(self) -> float:
        """Processor time that it has taken."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


class Load:
    """A generator's process; `run` has it run a phase."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def run(self, phase: Phase) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(phase) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Outcome)


@contextmanager
def router(work: Path, cores: Sequence[int], *, threads: int) -> Iterator[Router]:
    """A router of WORK/serving on these cores; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.load.served", str(work), str(threads)]
    started = time.perf_counter()
    with (work / "served.log").open("wb") as log:
        process = subprocess.Popen(_pinned(command, cores), stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("Running router"))
        address = line.split()[3].rstrip(",").removeprefix("http://")
        asked = urllib.request.Request(f"http://{address}/v1/route", data=b'{"utterance": "hello"}')
        with urllib.request.urlopen(asked) as answer:
            answer.read()
        yield Router(address, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def load(address: str, requests: Path, cores: Sequence[int]) -> Iterator[Load]:
    """A generator on these cores; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.load.generator", address, str(requests)]
    process = subprocess.Popen(_pinned(command, cores), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Load(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _pinned(command: Sequence[str], cores: Sequence[int]) -> list[str]:
    return ["taskset", "-c", ",".join(map(str, cores)), *command]
