"""Requests a second per core from files to TFRecords, peak memory, and where the time goes.

    python -m benchmarks.ingest [--requests 100000 500000] [--skills 1500] [--output docs/results/ingest.md]
    python -m benchmarks.ingest --grown 1000000

Each size is a simulated dataset (seed 1, 20 requests a customer, 100,000 requests a gzip file), ingested and
then labelled by the local Beam runner in a process of its own, after a small run for what Beam imports late.
Per core means per second of CPU time of that process, all threads together: other work on the machine changes
wall time but hardly this. Memory is the process's peak resident size, less its size after the small run.
--grown measures instead, on a dataset of fourteen weekly files, what the last one costs where the others were
read before; its result is printed.
"""

import argparse
import cProfile
import json
import os
import platform
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from components.ingest.options import IngestOptions
from components.ingest.pipeline import IngestPaths
from components.ingest.report import read_report
from components.ingest.run import ingest
from components.ingest.span import Earlier, read_earlier
from components.label.options import LabelOptions
from components.label.pipeline import LabelRequests
from components.records.artifact_files import CATALOGUE
from components.records.atomic import atomic_write
from components.simulate import SimulateOptions, simulate

_OUTPUT = Path("docs/results/ingest.md")
_REQUESTS_A_CUSTOMER = 20
_WARM_UP = 1_000
_WEEKS = 14  # nothing is said in the last days, so that the last file is a twentieth

# Where the time goes: a profiled function, whose time includes what it calls, and what it does.
_STEPS = {
    ("lines.py", "lines"): "split files into lines, gunzip",
    ("parse.py", "parse_request"): "parse and validate (msgspec)",
    ("catalogue.py", "check_request"): "check against the catalogue",
    ("rows.py", "row_of"): "encode as Example entries",
    ("rows.py", "identity_of"): "digest id and content",
    ("spill.py", "_flush"): "write spill files",
    ("spill.py", "load"): "read spill files",
    ("duplicates.py", "repeats"): "find repeated ids",
    ("write_pass.py", "_recent"): "usage from earlier requests",
    ("write_pass.py", "_example"): "complete the Example",
    ("tfrecord.py", "write_records"): "checksum, gzip, write TFRecords",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures every size, prints the tables and writes them."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench ingest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--requests", type=int, nargs="+", default=[100_000, 500_000])
    parser.add_argument("--skills", type=int, default=1_500)
    parser.add_argument("--output", type=Path, default=_OUTPUT)
    parser.add_argument("--grown", type=int, help="Requests of a dataset that grows by a twentieth.")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.measure is not None:
        print(json.dumps(_profile(chosen.measure) if chosen.profile else _measure(chosen.measure)))
        return 0
    if chosen.grown is not None:
        print(json.dumps(_grown(chosen.grown, chosen.skills), indent=1))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        sizes = []
        for count in chosen.requests:
            data = _simulated(Path(folder), count, chosen.skills)
            sizes.append(_in_own_process("--measure", str(data)))
        steps = _in_own_process(
            "--measure", str(_simulated(Path(folder), chosen.requests[0], chosen.skills)), "--profile"
        )
    report = _report(sizes, steps, chosen.skills)
    print(report)
    atomic_write(chosen.output, report)
    return 0


def _simulated(folder: Path, count: int, skills: int) -> Path:
    data = folder / str(count)
    if not data.exists():
        customers = max(count // _REQUESTS_A_CUSTOMER, 1)
        simulate(data, SimulateOptions(skills=skills, customers=customers, requests=count, seed=1))
    return data


def _in_own_process(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest", *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _pipeline() -> beam.Pipeline:
    return beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", "--direct_running_mode=in_memory"]))


def _ingest(data: Path, out: Path, earlier: Earlier | None = None) -> IngestPaths:
    paths = IngestPaths(out / "examples", out / "catalogue", out / "letters", out / "state", out / "spill")
    ingest(data, paths, IngestOptions(), _pipeline, earlier=earlier)
    return paths


def _measure(data: Path) -> dict[str, Any]:
    """Seconds of wall and CPU, and memory, of ingest and label."""
    with tempfile.TemporaryDirectory() as small:
        _ingest(_simulated(Path(small), _WARM_UP, skills=100), Path(small, "out"))
    before = _peak()
    with tempfile.TemporaryDirectory() as out:
        paths, ingest_wall, ingest_cpu = _timed(lambda: _ingest(data, Path(out)))
        peak = _peak()

        def label() -> None:
            catalogue = paths.catalogue / CATALOGUE
            with _pipeline() as pipeline:
                pipeline | LabelRequests(
                    paths.examples, catalogue, Path(out, "labelled"), Path(out, "counts"), LabelOptions()
                )

        _, label_wall, label_cpu = _timed(label)
        size = sum(path.stat().st_size for path in paths.examples.rglob("*.gz"))
    return {
        "requests": int(data.name),
        "ingest_wall": ingest_wall,
        "ingest_cpu": ingest_cpu,
        "label_wall": label_wall,
        "label_cpu": label_cpu,
        "before": before,
        "peak": peak,
        "bytes": size,
    }


def _grown(count: int, skills: int) -> dict[str, Any]:
    """Seconds of CPU and wall of reading all but the last week, the last week, and all at once."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        customers = max(count // _REQUESTS_A_CUSTOMER, 1)
        options = SimulateOptions(
            skills=skills, customers=customers, requests=count, days=7 * _WEEKS, weekly=True, seed=1
        )
        data = folder / "data"
        simulate(data, options)
        *_, last = sorted((data / "requests").iterdir())
        _ingest(_simulated(folder, _WARM_UP, skills=100), folder / "small")
        aside = last.rename(folder / last.name)
        before, _, before_cpu = _timed(lambda: _ingest(data, folder / "before"))
        aside.rename(last)
        earlier = read_earlier(before.examples, before.state)
        _, grown_wall, grown_cpu = _timed(lambda: _ingest(data, folder / "grown", earlier))
        _, full_wall, full_cpu = _timed(lambda: _ingest(data, folder / "full"))
        report = read_report(folder / "grown" / "letters")
    return {
        "requests": report.records_in,
        "new": report.read,
        "span": report.span,
        "before_cpu": round(before_cpu, 2),
        "grown_cpu": round(grown_cpu, 2),
        "full_cpu": round(full_cpu, 2),
        "times_faster": round(full_cpu / grown_cpu, 1),
        "grown_wall": round(grown_wall, 2),
        "full_wall": round(full_wall, 2),
    }


def _profile(data: Path) -> dict[str, float]:
    """Share of ingest's profiled time by step."""
    profile = cProfile.Profile(time.process_time)
    with tempfile.TemporaryDirectory() as small:
        _ingest(_simulated(Path(small), _WARM_UP, skills=100), Path(small, "out"))
    with tempfile.TemporaryDirectory() as out:
        profile.runcall(_ingest, data, Path(out))
    stats = pstats.Stats(profile)
    timed: dict[tuple[str, str], float] = {}
    total = 0.0
    for (file, _, function), (_, _, own, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined]
        total += own
        timed[Path(file).name, function] = timed.get((Path(file).name, function), 0.0) + cumulative
    shares = {what: timed.get(where, 0.0) / total for where, what in _STEPS.items()}
    return {**shares, "everything else (Beam, grouping, counting)": 1.0 - sum(shares.values())}


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def _peak() -> float:
    """The greatest resident size so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _report(sizes: Sequence[dict[str, Any]], steps: dict[str, float], skills: int) -> str:
    rows = [
        f"| {size['requests']:,} | {size['requests'] / size['ingest_cpu']:,.0f} | {size['ingest_cpu']:.1f} "
        f"| {size['ingest_wall']:.1f} | {size['requests'] / size['label_cpu']:,.0f} "
        f"| {size['peak'] - size['before']:.0f} | {size['peak']:.0f} "
        f"| {size['bytes'] / size['requests']:.0f} |"
        for size in sizes
    ]
    counts = " ".join(str(size["requests"]) for size in sizes)
    shares = [f"| {what} | {share:.0%} |" for what, share in sorted(steps.items(), key=lambda step: -step[1])]
    return "\n".join(
        [
            "# Ingest: files to TFRecords",
            "",
            f"    arbiter bench ingest --requests {counts} --skills {skills}",
            "",
            f"{platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end; "
            f"{skills:,} skills, gzip in, gzip out, one FnApiRunner worker.",
            "Per core: per second of CPU time of the process, after a small run that warms it up.",
            "",
            "| requests | ingest, requests/s per core | CPU s | wall s | label, requests/s per core "
            "| memory above start, MiB | peak, MiB | bytes out a request |",
            "|---:|---:|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            "Where ingest's time goes, by a profiler that makes Python functions look dearer than C ones:",
            "",
            "| step | share |",
            "|---|---:|",
            *shares,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
