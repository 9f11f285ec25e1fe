"""What a router bears: the load that it sustains, latency at half of it, and what ten times as much does.

    arbiter bench serving --skills 1500 --domains 20 --json

Simulates a world, makes the whole system of it by `arbiter run`, keeps both in ARBITER_CACHE
(~/.cache/arbiter), and serves its version folders as `arbiter serve` does: model server and router in one
process, and such a process pinned to each of `--cores`, as replicas behind a balancer are. A process on each
of the other cores sends test requests over REST on loopback, to each router in its turn.
The sustained load is the largest, of those tried, of an open loop (Poisson) that is answered but for a
thousandth of the requests, with a 99th percentile of 25 ms at most. Latencies are in milliseconds from the
time that a request was due. At last the same load comes without and with a shadow of all models
(`push --shadow`).
"""

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.load.generator import Phase
from benchmarks.load.measure import Load, Router, load, milliseconds, router
from benchmarks.load.page import write_page
from benchmarks.load.shadow import shadow_cost
from benchmarks.system.made import System
from benchmarks.system.simulated import add_system, model_version, system_of, write_asked
from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.records.version_folder import install

_CLOSED_CONNECTIONS = 8
_TRIED = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5)
"""Shares of the closed loop's throughput, the largest first."""
_MOST_REFUSED, _MOST_P99_MS = 0.001, 25.0
_WARM_S = 2.0
_SKIP_S = 0.5
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


def measure(routers: Sequence[Router], generator: Load, *, seconds: float) -> dict[str, Any]:
    """The figures of routers under load; memory and start are those of the worst."""
    generator.run(Phase(connections=2 * len(routers), seconds=_WARM_S))
    idle = _memory(routers)
    busy = sum(each.cpu_s() for each in routers)
    closed = generator.run(Phase(connections=_CLOSED_CONNECTIONS * len(routers), seconds=seconds))
    cpu_s = sum(each.cpu_s() for each in routers) - busy
    rate = sustained(generator, closed.rate, seconds)
    half = generator.run(Phase(rate=rate / 2, seconds=seconds, seed=2, skip_s=_SKIP_S))
    before = _memory(routers)
    over = generator.run(Phase(rate=rate * _OVERLOAD, seconds=seconds, seed=3, skip_s=_SKIP_S))
    after = _memory(routers)
    recovery = generator.run(Phase(rate=rate / 2, seconds=seconds + _RECOVERY_S, seed=4, skip_s=_RECOVERY_S))
    return {
        "closed_rps": round(closed.rate, 1),
        "cpu_ms_a_request": round(cpu_s / max(len(closed.outcome.accepted), 1) * 1e3, 3),
        "sustainable_rps": round(rate, 1),
        "sustainable_rps_per_core": round(rate / len(routers), 1),
        "p50_ms_half_load": milliseconds(half.outcome.accepted, 50),
        "p99_ms_half_load": milliseconds(half.outcome.accepted, 99),
        "p999_ms_half_load": milliseconds(half.outcome.accepted, 99.9),
        "lost_half_load": round(half.lost, 5),
        "p99_ms_overload": milliseconds(over.outcome.accepted, 99),
        "accepted_rps_overload": round(over.rate, 1),
        "refused_share_overload": round(over.refused / max(over.outcome.sent, 1), 4),
        "refused_p99_ms_overload": milliseconds(over.outcome.refused, 99),
        "failed_overload": over.outcome.failed,
        "generator_late_p99_ms_overload": milliseconds(over.outcome.late, 99),
        "p99_ms_recovered": milliseconds(recovery.outcome.accepted, 99),
        "lost_recovered": round(recovery.lost, 5),
        "idle_rss_mb": round(idle, 1),
        "rss_mb": round(after, 1),
        "rss_growth_overload_mb": round(after - before, 1),
        "start_s": round(max(each.start_s for each in routers), 2),
        "top1": round(half.top1, 4),
    }


def _memory(routers: Sequence[Router]) -> float:
    return max(each.rss_mb() for each in routers)


def sustained(generator: Load, most: float, seconds: float) -> float:
    """The largest of the rates that are tried that is borne, else the smallest of them."""
    for share in _TRIED:
        found = generator.run(Phase(rate=most * share, seconds=seconds, skip_s=_SKIP_S))
        p99 = milliseconds(found.outcome.accepted, 99)
        if found.lost <= _MOST_REFUSED and p99 is not None and p99 <= _MOST_P99_MS:
            break
    return most * share


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench serving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_system(parser)
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="with a router each")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="N", help="of each phase")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--output", type=Path, metavar="DIR", help="writes serving.md there, too")
    chosen = parser.parse_args(arguments)
    load_before = os.getloadavg()[0]
    system = system_of(chosen)
    available = sorted(os.sched_getaffinity(0))
    if len(available) <= chosen.cores:
        print(f"the generator needs a core beside the routers' {chosen.cores}", file=sys.stderr)
        return 2
    own, others = available[: chosen.cores], available[chosen.cores :]
    folder = Path(tempfile.mkdtemp(prefix="arbiter-serving-"))
    try:
        work = serving_folder(system, folder / "work")
        asked = folder / "requests.jsonl"
        write_asked(asked, system)
        with ExitStack() as stack:
            routers = [stack.enter_context(router(work, core)) for core in own]
            addresses = [each.address for each in routers]
            generator = stack.enter_context(load(addresses, asked, others))
            found = measure(routers, generator, seconds=chosen.seconds)
            half = found["sustainable_rps"] / 2
            found |= shadow_cost(work, routers, generator, rate=half, seconds=chosen.seconds)
    finally:
        shutil.rmtree(folder)
    figures = {
        "skills": len(system.skills().skill_ids),
        "domains": len(system.skills().domains),
        "cores": chosen.cores,
        **found,
        "model_version": model_version(system),
    }
    if chosen.output is not None:
        command = shlex.join(
            ["arbiter", "bench", "serving", *(sys.argv[1:] if arguments is None else arguments)]
        )
        write_page(chosen.output, figures, command=command, before=load_before, generators=len(others))
    lines = (f"{name:30} {value}" for name, value in figures.items())
    print(json.dumps(figures) if chosen.json else "\n".join(lines), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
