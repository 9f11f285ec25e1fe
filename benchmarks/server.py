"""What the embedded model server adds to a call, and what it holds after many.

    arbiter bench server --skills 1500 --requests 200000 --output docs/results

Makes a Shortlister of N skills that has learnt nothing (its cost is a trained one's) and serves its twin in
a process of its own. The same requests go to the same engine in this process, over gRPC on loopback and on a
UNIX socket, over REST, and as bare bytes to a gRPC server that does nothing, in turns of 100, so that what
else the machine does falls on all alike. Then several clients ask as fast as they are answered while the
server's memory, threads and open files are watched, and one client asks on while the server loads: first
another twin, then a SavedModel, for which it imports TensorFlow. Exits 1 where a call costs more than 0.4 ms
beside the model at the median, or the memory grew by more than 1 % over the last nine tenths of the requests.
--output writes server.md.
"""

import argparse
import itertools
import json
import os
import shlex
import shutil
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import components.records.read_in_place  # noqa: F401 (before gRPC)
from benchmarks.cost.process import endless
from benchmarks.cost.trained import cache_folder
from benchmarks.cost.untrained import untrained
from benchmarks.server_calls import Place, overhead, timed
from benchmarks.server_page import MOST_GROWTH, MOST_MS, write_page
from benchmarks.server_process import ServerProcess
from benchmarks.shortlister import ONE_THREAD
from components.records.array import Array
from components.records.models_config import ModelConfig, write_models_config
from components.records.serving_client import ServingClient, ServingError
from components.records.version_folder import TWIN_FILES

_MODEL = "shortlister"
_TOP = 10
_PARTS = 10
_ASKED = 1_000
_LOOK_S = 0.05

Inputs = dict[str, Array]
Models = tuple[ModelConfig, ...]
Figures = dict[str, Any]


def endurance(server: ServerProcess, asked: Sequence[Inputs], *, requests: int, clients: int) -> Figures:
    """Memory, threads and open files of the server over many requests, each answered."""
    resident, counts = [server.resident_mb()], []
    started, used = time.perf_counter(), server.processor_s()
    for _ in range(_PARTS):
        share = requests // (_PARTS * clients)
        threads = [threading.Thread(target=_ask, args=(server, asked, share)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        resident.append(server.resident_mb())
        counts.append((server.threads(), server.open_files()))
    return {
        "requests": requests // (_PARTS * clients) * _PARTS * clients,
        "clients": clients,
        "requests_per_s": requests / (time.perf_counter() - started),
        "requests_per_server_cpu_s": requests / (server.processor_s() - used),
        "rss_mb": [round(each, 1) for each in resident],
        "growth": resident[-1] / resident[1] - 1,
        "threads": [counts[0][0], counts[-1][0]],
        "open_files": [counts[0][1], counts[-1][1]],
    }


def during_load(server: ServerProcess, asked: Sequence[Inputs], config: Path, models: Models) -> Figures:
    """Times in milliseconds of the calls that one client makes while the last of `models` is loaded."""
    added = models[-1].name
    with ServingClient(server.address) as client:
        spent: list[float] = []
        done = threading.Event()
        watching = threading.Thread(target=_watch, args=(server, added, done))
        write_models_config(config, models)
        started = time.perf_counter()
        watching.start()
        for inputs in itertools.cycle(asked):
            spent.append(timed(lambda inputs: client.predict(_MODEL, inputs), inputs))
            if done.is_set():
                break
        watching.join()
    p50, p99 = (np.percentile(spent, [50, 99]) * 1e3).tolist()
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "calls": len(spent),
        "p50_ms": p50,
        "p99_ms": p99,
        "most_ms": max(spent) * 1e3,
    }


def _watch(server: ServerProcess, model: str, done: threading.Event) -> None:
    """Waits until the model has an available version."""
    with ServingClient(server.address) as client:
        while not done.wait(_LOOK_S):
            try:
                states = {status.state for status in client.status(model).values()}
            except ServingError:  # the server has not read the config yet
                continue
            if states & {"AVAILABLE", "END"}:
                done.set()


def _ask(server: ServerProcess, asked: Sequence[Inputs], share: int) -> None:
    with ServingClient(server.address) as client:
        for inputs in itertools.islice(itertools.cycle(asked), share):
            client.predict(_MODEL, inputs)


def _asked(requests: Path) -> list[Inputs]:
    """Requests with ten enabled skills each, as the model takes them."""
    k = np.array(_TOP, np.int32)
    return [
        {"utterance": np.array([utterance], object), "enabled": np.array([enabled], object), "k": k}
        for utterance, enabled in itertools.islice(endless(requests), _ASKED)
    ]


def _models(folder: Path, version: Path) -> Models:
    """The served model; another like it; and one that has no twin. Each with one version."""
    configs = []
    for name, files in ((_MODEL, ()), ("other", ()), ("saved_model", TWIN_FILES)):
        base = folder / "served" / name
        shutil.rmtree(base, ignore_errors=True)
        shutil.copytree(version, base / "1", ignore=shutil.ignore_patterns(*files))
        configs.append(ModelConfig(name=name, base_path=str(base.absolute()), versions=(1,)))
    return tuple(configs)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def measure(folder: Path, *, skills: int, calls: int, requests: int, clients: int, seed: int) -> Figures:
    """All figures of one server on a model made in `folder`."""
    made = untrained(skills, folder / "model", seed=seed)
    version = Path(made.version_folder)
    models = _models(folder, version)
    config = folder / "models.config"
    write_models_config(config, models[:1])
    asked = _asked(Path(made.requests))
    shown = folder / "monitoring.config"
    shown.write_text("prometheus_config { enable: true }")
    place = Place(str(folder / "socket"), _free_port())
    Path(place.socket).unlink(missing_ok=True)
    flags = [
        f"--model_config_file={config}",
        "--model_config_file_poll_wait_seconds=1",
        f"--grpc_socket_path={place.socket}",
        f"--rest_api_port={place.rest_port}",
        f"--monitoring_config_file={shown}",
    ]
    with ServerProcess(flags, environment=ONE_THREAD) as server:
        return {
            "skills": skills,
            "overhead": overhead(server, place, _MODEL, version, asked, calls=calls),
            "endurance": endurance(server, asked, requests=requests, clients=clients),
            "loads": {
                models[count - 1].name: during_load(server, asked, config, models[:count]) for count in (2, 3)
            },
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench server",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--skills", type=int, default=1_500, metavar="N")
    parser.add_argument("--calls", type=int, default=10_000, metavar="N", help="that are timed, of each way")
    parser.add_argument("--requests", type=int, default=200_000, metavar="N", help="while memory is watched")
    parser.add_argument("--clients", type=int, default=4, metavar="N", help="at a time, while it is watched")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--output", type=Path, help="folder of the page server.md")
    chosen = parser.parse_args(arguments)
    os.environ.update(ONE_THREAD)
    before = os.getloadavg()[0]
    figures = measure(
        cache_folder() / "bench-server",
        skills=chosen.skills,
        calls=chosen.calls,
        requests=chosen.requests,
        clients=chosen.clients,
        seed=chosen.seed,
    )
    figures |= {"cores": len(os.sched_getaffinity(0)), "load_average": [before, os.getloadavg()[0]]}
    print(json.dumps(figures) if chosen.json else json.dumps(figures, indent=1), flush=True)
    if chosen.output is not None:
        given = list(arguments) if arguments is not None else sys.argv[1:]
        write_page(chosen.output / "server.md", figures, f"arbiter bench server {shlex.join(given)}".strip())
    slow = figures["overhead"]["overhead_p50_ms"] > MOST_MS
    return int(slow or figures["endurance"]["growth"] > MOST_GROWTH)


if __name__ == "__main__":
    raise SystemExit(main())
