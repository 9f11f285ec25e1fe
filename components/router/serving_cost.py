"""A sample of what answering costs: a process of its own that answers requests one by one.

    python -m components.router.serving_cost < JSON of a Sample

It imports what answering needs and nothing else, so that its memory is that of a process that serves.
"""

import itertools
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from components.records.artifact_files import split_files
from components.records.examples import decode, request_from
from components.records.serving_cost import ServingCost
from components.records.tfrecord import read_records
from components.router.compose import compose
from components.router.models import FolderModels

_WARM_UP = 10
_CPUINFO = Path("/proc/cpuinfo")


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured.

    Attributes:
        folders: The models' version folders by the name that they are served by.
        files: Labelled examples; the first requests of them are asked.
        requests: How many, after a warm-up with the first few of them.
        top: Skills per prediction.
    """

    folders: dict[str, str]
    files: tuple[str, ...]
    requests: int
    top: int


def measure(
    examples: Path, folders: Mapping[str, Path], *, split: str, requests: int, top: int
) -> ServingCost | None:
    """Answers requests of a split in a new process; None where the split has none.

    Args:
        examples: Labelled examples, Split-<name>/*.gz.
        folders: The models' version folders by the name that they are served by.
        requests: At most so many.
        top: Skills per prediction.

    Raises:
        subprocess.CalledProcessError: The process failed; what it said is on standard error.
    """
    sample = Sample(
        folders={name: os.fspath(folder.absolute()) for name, folder in folders.items()},
        files=tuple(map(os.fspath, split_files(examples, split))),
        requests=requests,
        top=top,
    )
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=msgspec.json.encode(sample),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    return msgspec.json.decode(done.stdout, type=ServingCost | None)


def run(sample: Sample) -> ServingCost | None:
    """What `measure` asks of its process."""
    records = itertools.chain.from_iterable(read_records(Path(file)) for file in sample.files)
    requests = [request_from(decode(record)) for record in itertools.islice(records, sample.requests)]
    if not requests:
        return None
    empty = _resident_mb()
    models = FolderModels({name: Path(folder) for name, folder in sample.folders.items()})
    for request in requests[:_WARM_UP]:
        compose(models, [request], top=sample.top)
    seconds = []
    used = time.process_time()
    for request in requests:
        started = time.perf_counter()
        compose(models, [request], top=sample.top)
        seconds.append(time.perf_counter() - started)
    used = time.process_time() - used
    resident = _resident_mb()
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    return ServingCost(
        requests=len(requests),
        p50_ms=round(float(p50), 3),
        p99_ms=round(float(p99), 3),
        cpu_ms=round(used / len(requests) * 1e3, 3),
        empty_mb=round(empty, 1),
        resident_mb=round(resident, 1),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        load=round(os.getloadavg()[0], 2),
    )


def _resident_mb() -> float:
    """What the process has in memory now, in 10⁶ bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _processor() -> str:
    lines = _CPUINFO.read_text(encoding="utf-8").splitlines() if _CPUINFO.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Sample)
    sys.stdout.buffer.write(msgspec.json.encode(run(asked)))
