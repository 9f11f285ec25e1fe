"""`make demo`: from a small world to a served model, one request routed over gRPC, and the review."""

import contextlib
import gzip
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from components.records.artifact_files import CATALOGUE

_START_SECONDS = 120.0
ARBITER = (sys.executable, "-m", "pipelines.cli")


def main(arguments: list[str]) -> int:
    """Runs the demo in folder `arguments[0]`; the rest goes to `arbiter simulate`.

    A second call finds the same world and takes every node from the cache.

    Returns: 0, or the exit code of the command that failed.
    """
    folder, *world = arguments
    data, work = Path(folder, "data"), Path(folder, "work")
    started = time.monotonic()
    try:
        if not (data / CATALOGUE).is_file():
            _arbiter("simulate", str(data), *world)
        _arbiter("run", str(data), "--workspace", str(work))
        with _server(work) as address:
            _arbiter("route", str(work), *_a_request(data), "--server", address)
        _arbiter("review", str(work))
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    print(f"\nAll of it took {time.monotonic() - started:.0f} s.")
    return 0


def _arbiter(*arguments: str) -> None:
    print(f"\n$ arbiter {shlex.join(arguments)}", flush=True)
    subprocess.run([*ARBITER, *arguments], check=True)


def _a_request(data: Path) -> list[str]:
    """The arguments of `arbiter route` for a request that several skills can serve, one of them enabled."""
    first = min((data / "requests").glob("*.jsonl.gz"))
    with gzip.open(first, "rt", encoding="utf-8") as lines:
        requests = (json.loads(line) for line in lines)
        chosen = next(
            r
            for r in requests
            if r.get("also_correct")
            and r.get("skill_id") in r.get("enabled_skills", ())
            and r["skill_id"].replace("_", " ") not in r["utterance"]  # a name would decide alone
        )
    return [chosen["utterance"], "--enabled", ",".join(chosen["enabled_skills"])]


@contextlib.contextmanager
def _server(work: Path) -> Iterator[str]:
    """`arbiter serve` in the background on a free port of this machine; stopped by its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ports = ["--grpc", str(port), "--rest", "0", "--http", "0", "--router-grpc", "0"]
    print(f"\n$ arbiter serve {work} {' '.join(ports)} &", flush=True)
    with (work / "logs" / "serve.log").open("w") as log:
        server = subprocess.Popen(
            [*ARBITER, "serve", str(work), *ports], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(server, port, log.name)
            yield f"127.0.0.1:{port}"
        finally:
            os.kill(server.pid, signal.SIGTERM)
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int, log: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    print(f"The server did not start; see {log}.", file=sys.stderr)
    raise subprocess.CalledProcessError(server.poll() or 1, server.args)


if __name__ == "__main__":
    sys.exit(main([argument for argument in sys.argv[1:] if argument != "--"]))
