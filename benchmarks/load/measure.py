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
import numpy as np

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


class Measured(NamedTuple):
    """What became of the requests of a phase, of all generators.

    Attributes:
        seconds: That were counted.
    """

    outcome: Outcome
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.outcome.accepted) / self.seconds

    @property
    def refused(self) -> int:
        return len(self.outcome.refused)

    @property
    def lost(self) -> float:
        """Share of requests that were not answered."""
        return (self.refused + self.outcome.failed) / max(self.outcome.sent, 1)

    @property
    def top1(self) -> float:
        """Share of the answers whose first skill is right."""
        return self.outcome.hits / max(len(self.outcome.accepted), 1)


def milliseconds(seconds: Sequence[float], percentile: float) -> float | None:
    """A percentile of times, in milliseconds; None of no times."""
    return round(float(np.percentile(seconds, percentile)) * 1e3, 3) if seconds else None


class Load:
    """Generators' processes; `run` has them run a phase together."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self._processes = processes

    def run(self, phase: Phase) -> Measured:
        count = len(self._processes)
        for number, process in enumerate(self._processes):
            assert process.stdin is not None
            own = msgspec.structs.replace(
                phase,
                rate=phase.rate / count,
                connections=-(-phase.connections // count),
                seed=phase.seed * count + number,
            )
            process.stdin.write(msgspec.json.encode(own) + b"\n")
            process.stdin.flush()
        outcomes = []
        for process in self._processes:
            assert process.stdout is not None
            outcomes.append(msgspec.json.decode(process.stdout.readline(), type=Outcome))
        together = Outcome(
            sent=sum(each.sent for each in outcomes),
            failed=sum(each.failed for each in outcomes),
            hits=sum(each.hits for each in outcomes),
            accepted=[took for each in outcomes for took in each.accepted],
            refused=[took for each in outcomes for took in each.refused],
            late=[took for each in outcomes for took in each.late],
        )
        return Measured(together, phase.seconds - phase.skip_s)


@contextmanager
def router(work: Path, core: int) -> Iterator[Router]:
    """A router of WORK/serving on this core; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.load.served", str(work)]
    started = time.perf_counter()
    with (work / f"served-{core}.log").open("wb") as log:
        process = subprocess.Popen(_pinned(command, [core]), stdout=subprocess.PIPE, stderr=log, text=True)
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
def load(addresses: Sequence[str], requests: Path, cores: Sequence[int]) -> Iterator[Load]:
    """A generator on each of these cores; they end with the block."""
    command = [sys.executable, "-m", "benchmarks.load.generator", ",".join(addresses), str(requests)]
    processes = [
        subprocess.Popen(_pinned(command, [core]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for core in cores
    ]
    try:
        yield Load(processes)
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def _pinned(command: Sequence[str], cores: Sequence[int]) -> list[str]:
    return ["taskset", "-c", ",".join(map(str, cores)), *command]
