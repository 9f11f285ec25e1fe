"""Ingest on Flink: how much faster two task managers are than one, and what Flink costs beside local Beam.

    python -m benchmarks.flink [--requests 1000000] [--skills 1500] [--rounds 2]

A simulated dataset (seed 1, 20 requests a customer, 100,000 requests a gzip file) is ingested by the local
runner, on a cluster of one task manager and on one of two, in turn. Each has one slot, so that one Python
worker does its work. Every reading is one of a process that has ingested a small dataset before, with the
same runner; a cluster is started for it and stopped again. CPU time is that of all processes: the one that
submits, and the cluster's with all workers. The files written are compared byte for byte.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from components.ingest.options import IngestOptions
from components.ingest.pipeline import IngestPaths
from components.ingest.run import ingest
from components.records.atomic import atomic_write
from components.simulate import SimulateOptions, simulate
from pipelines.flink.cluster import FlinkCluster
from pipelines.flink.libraries import libraries

_OUTPUT = Path("docs/results")
_JARS = Path(".flink")
_REQUESTS_A_CUSTOMER = 20
_LOCAL = ("--runner=FnApiRunner", "--direct_running_mode=in_memory")
_LEAST = 1.6
_TICKS = os.sysconf("SC_CLK_TCK")


_PAGE = """# Beam on Flink

    {command}

Ingest of {requests:,} simulated requests of {skills:,} skills. {machine}, Beam {beam}.
A session cluster on loopback; each task manager has one slot and one Python worker. Load {load:.1f} at the
start. Rounds: {rounds}, each reading after a small ingest that warms the same runner up.

| | seconds by the clock, each round | requests a second | CPU s, all processes |
|---|---:|---:|---:|
{rows}

Two task managers are {ratio:.2f} times as fast as one (by round: {by_round}); wanted are {least}: {met}.
Beside the local runner, Flink with one task manager takes {longer:+.1f} s by the clock ({share:+.0%}) and
{dearer:+.1f} s of the processors; with two it is {gain:.2f} times as fast as the local runner.
The files written are {equal}.
"""


class Reading(NamedTuple):
    """Seconds by the clock and of all processors, and a digest of the files written."""

    wall: float
    cpu: float
    written: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints the page and writes it; 1 where the files differ."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench flink", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--skills", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="folder of the page")
    parser.add_argument("--measure", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("beam", nargs="*", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure is not None:
        small, data = chosen.measure
        print(json.dumps(_measure(small, data, chosen.beam or _LOCAL)))
        return 0
    jars = libraries(_JARS)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as place:
        small, data = (
            _simulated(Path(place) / name, count, chosen.skills)
            for name, count in (("small", 2_000), ("data", chosen.requests))
        )
        rounds = []
        for number in range(chosen.rounds):
            folder = Path(place) / f"cluster-{number}"
            rounds.append(
                (
                    _reading(small, data),
                    *(_on_flink(small, data, jars, folder / str(n), task_managers=n) for n in (1, 2)),
                )
            )
    command = (
        f"arbiter bench flink --requests {chosen.requests} --skills {chosen.skills} --rounds {chosen.rounds}"
    )
    page = _page(rounds, requests=chosen.requests, skills=chosen.skills, command=command, load=load)
    print(page)
    atomic_write(chosen.output / "flink.md", page)
    return 0 if _all_equal(rounds) else 1


def _simulated(folder: Path, count: int, skills: int) -> Path:
    customers = max(count // _REQUESTS_A_CUSTOMER, 1)
    simulate(folder, SimulateOptions(skills=skills, customers=customers, requests=count, seed=1))
    return folder


def _on_flink(small: Path, data: Path, jars: Path, folder: Path, *, task_managers: int) -> Reading:
    cluster = FlinkCluster(folder)
    try:
        cluster.start(jars, task_managers=task_managers)
        return _reading(small, data, cluster)
    finally:
        cluster.stop()


def _reading(small: Path, data: Path, cluster: FlinkCluster | None = None) -> Reading:
    """One ingest of `data`, in a process of its own, locally or on the cluster."""
    command = [sys.executable, "-m", "benchmarks.flink", "--measure", str(small), str(data)]
    arguments = [] if cluster is None else ["--", *cluster.beam()]
    process = subprocess.Popen(
        [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    process.stdout.readline()  # it has ingested the small dataset
    before = _cpu_of(cluster)
    process.stdin.write("go on\n")
    process.stdin.flush()
    said = process.stdout.read()
    if process.wait():
        raise RuntimeError(f"{' '.join(command)} failed")
    wall, cpu, written = json.loads(said.splitlines()[-1])
    return Reading(wall, cpu + _cpu_of(cluster) - before, written)


def _measure(small: Path, data: Path, beam_arguments: Sequence[str]) -> Reading:
    with tempfile.TemporaryDirectory() as out:
        _ingest(small, Path(out), beam_arguments)
    print("ready", flush=True)
    sys.stdin.readline()
    with tempfile.TemporaryDirectory() as out:
        wall, cpu = time.perf_counter(), time.process_time()
        _ingest(data, Path(out), beam_arguments)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Reading(wall, cpu, _digest(Path(out)))


def _ingest(data: Path, out: Path, beam_arguments: Sequence[str]) -> None:
    paths = IngestPaths(out / "examples", out / "catalogue", out / "letters", out / "state", out / "spill")
    ingest(data, paths, IngestOptions(), lambda: beam.Pipeline(options=PipelineOptions(list(beam_arguments))))


def _digest(folder: Path) -> str:
    """Of the names and the bytes of all files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _cpu_of(cluster: FlinkCluster | None) -> float:
    """Seconds of processor time of the cluster's processes, which lead a group each, and their workers."""
    groups = set() if cluster is None else {str(pid) for pid in cluster.processes().values()}
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat") if groups else ():
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if fields[2] in groups:
            total += sum(map(int, fields[11:15]))  # utime, stime, and those of children waited for
    return total / _TICKS


def _all_equal(rounds: Sequence[tuple[Reading, ...]]) -> bool:
    return len({reading.written for each in rounds for reading in each}) == 1


def _page(
    rounds: Sequence[tuple[Reading, ...]], *, requests: int, skills: int, command: str, load: float
) -> str:
    names = ("local runner", "Flink, one task manager", "Flink, two task managers")
    walls, cpus = (
        [mean(reading[i] for reading in readings) for readings in zip(*rounds, strict=True)] for i in (0, 1)
    )
    rows = [
        f"| {name} | {', '.join(f'{each[i].wall:.1f}' for each in rounds)} | {requests / walls[i]:,.0f} "
        f"| {cpus[i]:.1f} |"
        for i, name in enumerate(names)
    ]
    ratio = walls[1] / walls[2]
    return _PAGE.format(
        command=command,
        requests=requests,
        skills=skills,
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        beam=beam.__version__,
        load=load,
        rounds=len(rounds),
        rows="\n".join(rows),
        ratio=ratio,
        by_round=", ".join(f"{one.wall / two.wall:.2f}" for _, one, two in rounds),
        least=_LEAST,
        met="met" if ratio >= _LEAST else "missed",
        longer=walls[1] - walls[0],
        share=walls[1] / walls[0] - 1,
        dearer=cpus[1] - cpus[0],
        gain=walls[0] / walls[2],
        equal="the same, byte for byte" if _all_equal(rounds) else "NOT the same",
    )


if __name__ == "__main__":
    sys.exit(main())
