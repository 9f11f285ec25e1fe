"""What a router bears: the load that it sustains, latency at half of it, and what ten times as much does.

    arbiter bench serving --skills 1500 --domains 20 --json

Simulates a world, makes the whole system of it by `arbiter run`, keeps both in ARBITER_CACHE
(~/.cache/arbiter), and serves its version folders as `arbiter serve` does: the model server and the router in
one process, on cores of its own. A second process on other cores sends test requests over REST on loopback.
The sustained load is the largest, of those tried, of an open loop (Poisson) that is answered but for a
thousandth of the requests, with a 99th percentile of 50 ms at most. Latencies are in milliseconds from the
time that a request was due.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.load.generator import Outcome, Phase
from benchmarks.load.measure import Load, Router, load, router
from benchmarks.system.made import System, newest
from benchmarks.system.simulated import add_world, model_version, simulated, write_asked
from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.records.version_folder import install

_CLOSED_CONNECTIONS = 8
_TRIED = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)
"""Shares of the closed loop's throughput, the largest first."""
_MOST_REFUSED, _MOST_P99_MS = 0.001, 50.0
_WARM_S = 2.0
_OVERLOAD = 10
_RECOVERY_S = 1.0


def serving_folder(system: System, work: Path) -> Path:
    """WORK/serving with version 1 of every model of the system."""
    configs = []
    for name, folder in system.folders().items():
        base = work / "serving" / name
        install(folder, base, 1)
        configs.append(ModelConfig(name=name, base_path=str(base), versions=(1,), labels={"stable": 1}))
    write_models_config(work / "serving" / MODELS_CONFIG, tuple(configs))
    return work


def measure(served: Router, generator: Load, *, cores: int, seconds: float) -> dict[str, Any]:
    """The figures of a router under load."""
    generator.run(Phase(connections=2, seconds=_WARM_S))
    idle = served.rss_mb()
    busy = served.cpu_s()
    closed = generator.run(Phase(connections=_CLOSED_CONNECTIONS, seconds=seconds))
    cpu_ms = (served.cpu_s() - busy) / max(closed.accepted, 1) * 1e3
    rate, _ = sustained(generator, closed.accepted_a_second, seconds)
    half = generator.run(Phase(rate=rate / 2, seconds=seconds, seed=2, skip_s=0.5))
    before = served.rss_mb()
    over = generator.run(Phase(rate=rate * _OVERLOAD, seconds=seconds, seed=3, skip_s=0.5))
    after = served.rss_mb()
    recovery = generator.run(Phase(rate=rate / 2, seconds=seconds + _RECOVERY_S, seed=4, skip_s=_RECOVERY_S))
    return {
        "closed_rps": round(closed.accepted_a_second, 1),
        "cpu_ms_a_request": round(cpu_ms, 3),
        "sustainable_rps": round(rate, 1),
        "sustainable_rps_per_core": round(rate / cores, 1),
        "p50_ms_half_load": half.p50_ms,
        "p99_ms_half_load": half.p99_ms,
        "p999_ms_half_load": half.p999_ms,
        "failed_half_load": half.failed + half.refused,
        "p99_ms_overload": over.p99_ms,
        "accepted_rps_overload": round(over.accepted_a_second, 1),
        "refused_share_overload": round(over.refused / max(over.sent, 1), 4),
        "refused_p99_ms_overload": over.refused_p99_ms,
        "failed_overload": over.failed,
        "generator_late_p99_ms_overload": over.late_p99_ms,
        "p99_ms_recovered": recovery.p99_ms,
        "refused_recovered": recovery.refused,
        "idle_rss_mb": round(idle, 1),
        "rss_mb": round(after, 1),
        "rss_growth_overload_mb": round(after - before, 1),
        "start_s": round(served.start_s, 2),
        "top1": half.top1 and round(half.top1, 4),
    }


def sustained(generator: Load, most: float, seconds: float) -> tuple[float, Outcome]:
    """The largest of the rates that are tried that is borne, else the smallest of them."""
    for share in _TRIED:
        outcome = generator.run(Phase(rate=most * share, seconds=seconds, skip_s=0.5))
        lost = (outcome.refused + outcome.failed) / max(outcome.sent, 1)
        if lost <= _MOST_REFUSED and outcome.p99_ms is not None and outcome.p99_ms <= _MOST_P99_MS:
            break
    return most * share, outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench serving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_world(parser)
    parser.add_argument(
        "--work", type=Path, metavar="WORK", help="serve what was last trained in this workspace instead"
    )
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="of the router")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="that compute")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="N", help="of each phase")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    chosen = parser.parse_args(arguments)
    system = simulated(chosen)[0] if chosen.work is None else newest(chosen.work)
    available = sorted(os.sched_getaffinity(0))
    if len(available) <= chosen.cores:
        print(f"the generator needs a core beside the router's {chosen.cores}", file=sys.stderr)
        return 2
    own, others = available[: chosen.cores], available[chosen.cores :]
    folder = Path(tempfile.mkdtemp(prefix="arbiter-serving-"))
    try:
        work = serving_folder(system, folder / "work")
        asked = folder / "requests.jsonl"
        write_asked(asked, system)
        with (
            router(work, own, threads=chosen.threads) as served,
            load(served.address, asked, others) as generator,
        ):
            found = measure(served, generator, cores=chosen.cores, seconds=chosen.seconds)
    finally:
        shutil.rmtree(folder)
    figures = {
        "skills": len(system.skills().skill_ids),
        "domains": len(system.skills().domains),
        "cores": chosen.cores,
        **found,
        "model_version": model_version(system),
    }
    lines = (f"{name:30} {value}" for name, value in figures.items())
    print(json.dumps(figures) if chosen.json else "\n".join(lines), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
