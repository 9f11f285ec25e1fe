"""Faults under steady load: swaps, kills, corrupt versions, a full disk; what failed, and what was lost.

    arbiter bench faults --output docs/results

Simulates a world, makes the whole system of it by `arbiter run`, keeps both in ARBITER_CACHE
(~/.cache/arbiter), and has clients ask three routers of it while their versions are swapped, their model
servers and they themselves are killed, versions are corrupt, clients leave and the disk is full. The exit
status is 1 where a request failed that a healthy router could have answered, or feedback is lost.
"""

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.fault.page import as_json, failed, write_page
from benchmarks.fault.run import run
from benchmarks.fault.scenes import Plan
from benchmarks.system.simulated import add_system, system_of
from components.router.api.calls import RouteCall

_CALLS = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures. Returns the exit status."""
    plan = Plan()
    parser = argparse.ArgumentParser(
        prog="arbiter bench faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_system(parser)
    parser.add_argument("--rate", type=float, default=60.0, metavar="N", help="requests a second")
    parser.add_argument("--clients", type=int, default=8, metavar="N", help="at a time")
    parser.add_argument("--swaps", type=int, default=plan.swaps, metavar="N", help="of versions")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--output", type=Path, metavar="DIR", help="writes faults.md there, too")
    chosen = parser.parse_args(arguments)
    plan = Plan(swaps=chosen.swaps)
    before = os.getloadavg()[0]
    system = system_of(chosen)
    calls = [
        RouteCall(
            utterance=each.request.utterance,
            locale=each.request.locale,
            device=each.request.device,
            customer_id=each.request.customer_id,
            enabled_skills=each.request.enabled_skills,
            recent=(),
        )
        for each in islice(system.answers("test"), _CALLS)
    ]
    place = Path(tempfile.mkdtemp(prefix="arbiter-"))  # short: a socket's path has at most 107 characters
    try:
        found = run(system.folders(), calls, place, plan, rate=chosen.rate, threads=chosen.clients)
    finally:
        shutil.rmtree(place)
    if chosen.output is not None:
        given = sys.argv[1:] if arguments is None else arguments
        write_page(
            chosen.output,
            found,
            command=shlex.join(["arbiter", "bench", "faults", *given]),
            before=before,
            skills=len(system.skills().skill_ids),
            domains=len(system.skills().domains),
            models=len(system.folders()),
            rate=chosen.rate,
            disconnects=plan.disconnects,
            kills=plan.kills,
        )
    lines = (f"{name:40} {value}" for name, value in {**found, "failed": failed(found)}.items())
    print(as_json(found) if chosen.json else "\n".join(lines), flush=True)
    return int(failed(found) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
