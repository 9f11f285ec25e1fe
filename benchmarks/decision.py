"""What one decision of the whole system costs, and how often it is right.

    arbiter bench decision --skills 1500 --domains 20 --json

Simulates a world, makes the whole system of it by `arbiter run`, keeps both in ARBITER_CACHE
(~/.cache/arbiter), and asks the exported version folders in a fresh process on one core with one thread: from
the raw request to the best of five candidates, with intent, slots and confidence, on the twins (LiteRT and
NumPy). Shares are of processor time. Exits 1 where the 99th percentile is above 5 ms.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.shortlister import ONE_THREAD
from benchmarks.system.made import System
from benchmarks.system.simulated import add_world, model_version, simulated, write_asked

_MOST_MS = 5.0


def measure(system: System, folder: Path, *, requests: int) -> dict[str, Any]:
    """The figures of a fresh process on a system."""
    folders = {name: str(path) for name, path in system.folders().items()}
    asked = folder / "requests.jsonl"
    write_asked(asked, system)
    command = [sys.executable, "-m", "benchmarks.cost.decision_process", json.dumps(folders), str(asked)]
    done = subprocess.run(
        [*command, str(requests)], env={**os.environ, **ONE_THREAD}, check=True, stdout=subprocess.PIPE
    )
    return {**json.loads(done.stdout), "models": len(folders), "model_version": model_version(system)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench decision",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_world(parser)
    parser.add_argument("--requests", type=int, default=10_000, metavar="N", help="that are timed")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    chosen = parser.parse_args(arguments)
    system, folder = simulated(chosen)
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
