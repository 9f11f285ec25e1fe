"""Malformed requests, ten thousand of them, to every API: what they get, and what they leave behind.

    arbiter bench fuzz --output docs/results

Serves a system by `arbiter serve`, as a process, and sends what Hypothesis, and schemathesis from the OpenAPI
document, can think of to the router's REST and gRPC APIs and to the model server's. The system is that of
`arbiter bench serving`. The exit status is 1 where a request crashed the server or got a 500 or no answer, or
where threads or open files are left over.
"""

import argparse
import json
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.fault.processes import Served, free_address
from benchmarks.fault.serving_folder import put
from benchmarks.fuzzing.run import Addresses, run
from benchmarks.system.simulated import add_system, system_of
from components.push.options import PushOptions
from components.records.atomic import atomic_write

_WARM, _SETTLE_S = 40, 3.0
_MOST_LEFT = 8
"""Threads of pools, which are made when first needed, and files under way; a leak would be of hundreds."""

_PAGE = """# Malformed requests

    {command}

`arbiter serve` on a simulated world, as a process. {sent:,} requests of Hypothesis and, from the OpenAPI
document, schemathesis; "unreadable" is gRPC's own refusal of a message that is none.

| | sent | what they got |
|---|---|---|
{rows}

Crashes, 500, INTERNAL, UNKNOWN, or no answer: **{failed}**. Threads {threads[0]} before and {threads[1]}
after it, open files {open_files[0]} and {open_files[1]}. Afterwards the server answered a good request and
ended when told to: {ended}.
"""


def fuzzed(folders: Mapping[str, Path], place: Path, count: int) -> dict[str, Any]:
    """What became of `count` requests to `arbiter serve` in the empty folder `place`."""
    work, data = place / "work", place / "data"
    (work / "metadata").mkdir(parents=True)
    (work / "metadata" / "metadata.sqlite").touch()
    data.mkdir()
    put(work / "serving", folders, PushOptions())
    rest = free_address()
    with Served(work, data, free_address(), place / "log", rest=rest) as server:
        addresses = Addresses(server.address, server.router_grpc, rest, server.server_grpc)
        found = run(
            addresses, lambda: (server.threads(), server.open_files()), count, warm=_WARM, settle_s=_SETTLE_S
        )
        found["ended"] = server.answers() and server.end() == 0
    return found


def good(found: Mapping[str, Any]) -> bool:
    """Whether nothing failed and nothing is left over."""
    left = (found[name][1] - found[name][0] for name in ("threads", "open_files"))
    return found["failed"] == 0 and found["ended"] and all(each <= _MOST_LEFT for each in left)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the counts. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_system(parser)
    parser.add_argument("--requests", type=int, default=10_000, metavar="N")
    parser.add_argument("--output", type=Path, metavar="DIR", help="writes fuzz.md there")
    chosen = parser.parse_args(arguments)
    system = system_of(chosen)
    place = Path(tempfile.mkdtemp(prefix="arbiter-"))
    try:
        found = fuzzed(system.folders(), place, chosen.requests)
    finally:
        shutil.rmtree(place)
    print(json.dumps(found, indent=1), flush=True)
    if chosen.output is not None:
        given = sys.argv[1:] if arguments is None else arguments
        write_page(chosen.output, found, shlex.join(["arbiter", "bench", "fuzz", *given]))
    return int(not good(found))


def write_page(folder: Path, found: Mapping[str, Any], command: str) -> None:
    """Writes FOLDER/fuzz.md."""
    rows = "\n".join(
        f"| {name} | {sum(counts.values()):,} | {', '.join(f'{s}: {n:,}' for s, n in counts.items())} |"
        for name, counts in found["statuses"].items()
    )
    ended = "yes" if found["ended"] else "no"
    atomic_write(folder / "fuzz.md", _PAGE.format(**{**found, "ended": ended}, rows=rows, command=command))


if __name__ == "__main__":
    raise SystemExit(main())
