"""What one decision of the whole system costs, and how often it is right.

    arbiter bench decision --skills 1500 --domains 20 --json

Simulates a world, makes the whole system of it by `arbiter run`, keeps both in ARBITER_CACHE
(~/.cache/arbiter), and asks the exported version folders in a fresh process on one core with one thread: from
the raw request to the best of five candidates, with intent, slots and confidence, on the twins (LiteRT and
NumPy). Shares are of processor time. Exits 1 where the 99th percentile is above 5 ms.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.cost.decision_process import Asked
from benchmarks.cost.trained import Plan, cache_folder, key_of
from benchmarks.shortlister import ONE_THREAD
from benchmarks.system.made import System, made
from components.records.artifact_files import CATALOGUE
from components.records.parse import to_json
from components.records.request import Request
from components.records.version_folder import folder_hash
from components.router.live_request import live_request
from components.simulate import SimulateOptions, simulate

_MOST_MS = 5.0
_REQUESTS_A_CUSTOMER = 10
_TESTED = 10_000
_SETTINGS = (
    "domain.epochs=5",
)  # what a decision costs does not depend on it, and twenty domains train in minutes


def measure(system: System, folder: Path, *, requests: int) -> dict[str, Any]:
    """The figures of a fresh process on a system."""
    folders = {name: str(path) for name, path in system.folders().items()}
    asked = folder / "requests.jsonl"
    asked.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in _asked(system)))
    command = [sys.executable, "-m", "benchmarks.cost.decision_process", json.dumps(folders), str(asked)]
    done = subprocess.run(
        [*command, str(requests)], env={**os.environ, **ONE_THREAD}, check=True, stdout=subprocess.PIPE
    )
    hashes = "".join(f"{name} {folder_hash(Path(path))}\n" for name, path in sorted(folders.items()))
    version = hashlib.sha256(hashes.encode()).hexdigest()[:12]
    return {**json.loads(done.stdout), "models": len(folders), "model_version": version}


def _asked(system: System) -> Iterator[Asked]:
    """Test requests with a right skill, at most `_TESTED`."""
    count = 0
    for answer in system.answers("test"):
        request = answer.request
        if request.skill_id is None or request.outcome == "rejected" or count == _TESTED:
            continue
        live = live_request(to_json(request), 0)
        if isinstance(live, Request):
            count += 1
            yield Asked(live, (request.skill_id, *request.also_correct))


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench decision",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--skills", type=int, default=1_500, metavar="N")
    parser.add_argument("--domains", type=int, default=20, metavar="N")
    parser.add_argument("--world", type=int, default=40_000, metavar="N", help="requests of the world")
    parser.add_argument("--requests", type=int, default=10_000, metavar="N", help="that are timed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    chosen = parser.parse_args(arguments)
    world = SimulateOptions(
        skills=chosen.skills,
        domains=chosen.domains,
        customers=max(chosen.world // _REQUESTS_A_CUSTOMER, 1),
        requests=chosen.world,
        seed=chosen.seed,
    )
    folder = cache_folder() / "bench-decision" / key_of(Plan(world=world, settings=_SETTINGS))
    if not (folder / "world" / CATALOGUE).is_file():
        simulate(folder / "world", world)
    system = made(folder / "world", folder / "work", _SETTINGS)
    figures = {
        "skills": chosen.skills,
        "domains": len(system.skills().domains),
        **measure(system, folder, requests=chosen.requests),
    }
    lines = (f"{name:20} {value}" for name, value in figures.items())
    print(json.dumps(figures) if chosen.json else "\n".join(lines), flush=True)
    return int(figures["p99_ms"] > _MOST_MS)


if __name__ == "__main__":
    raise SystemExit(main())
