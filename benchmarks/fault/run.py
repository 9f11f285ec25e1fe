"""The routers, their clients and the faults together, and the count of what was acknowledged."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.fault.clients import COUNTED, Clients
from benchmarks.fault.processes import Served, free_address
from benchmarks.fault.scenes import QUIET, Plan, Scenes, Servers
from benchmarks.fault.serving_folder import put
from benchmarks.server_process import ServerProcess
from components.push.options import PushOptions
from components.records.models_config import MODELS_CONFIG
from components.records.request import Request
from components.router.api.calls import RouteCall

LAST = "all of them killed"
"""The scene in which nobody is left to answer."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1"}
_SETTLE_S, _WAIT_S = 2.0, 60.0


def run(
    folders: Mapping[str, Path],
    calls: Sequence[RouteCall],
    place: Path,
    plan: Plan,
    *,
    rate: float,
    threads: int,
) -> dict[str, Any]:
    """What became of every request and every acknowledged feedback.

    Three routers share a workspace, a store and a dataset: two serve the models themselves (`arbiter serve`),
    one asks model servers, one for each model, on UNIX sockets.

    Args:
        folders: Version folders by model.
        calls: Asked over and over.
        place: An empty folder; its path is short, as those of sockets must be.
        rate: Requests a second.
        threads: That ask.
    """
    work, data = place / "work", place / "data"
    serving = work / "serving"
    (work / "metadata").mkdir(parents=True)
    (work / "metadata" / "metadata.sqlite").touch()
    data.mkdir()
    put(serving, folders, PushOptions())
    with ExitStack() as stack:
        sockets = place / "s"
        sockets.mkdir()
        servers = Servers(folders, partial(_server, serving, sockets))
        stack.callback(servers.close)
        address = f"unix:{sockets}/{{model}}"
        options = PushOptions(server=address, wait_seconds=_WAIT_S, keep=2)
        places = [free_address() for _ in range(3)]
        clients = Clients(places, calls, rate=rate, threads=threads)
        whole = [Served(work, data, each, place / f"log-{n}") for n, each in enumerate(places[:2])]
        for router in whole:
            stack.enter_context(router)
        remote = stack.enter_context(Served(work, data, places[2], place / "log-2", server=address))
        scenes = Scenes(serving, folders, whole, remote, servers, clients, options, plan)
        clients.scene(QUIET)
        clients.start()
        try:
            scenes.quiet()
            before = _held(remote)
            scenes.swaps()
            scenes.corrupt()
            scenes.model_servers()
            scenes.disconnects()
            scenes.full_disk()
            time.sleep(_SETTLE_S)
            after = _held(remote)
            scenes.kills()
        finally:
            clients.scene(LAST)
            for router in (*whole, remote):
                router.kill()  # while feedback comes
            clients.close()
        whole[0].start()
        ended = whole[0].end()
    return {
        "scenes": {
            name: {**dict.fromkeys(COUNTED, 0), **counts, "longest_s": round(clients.longest[name], 2)}
            for name, counts in clients.counts.items()
        },
        **scenes.figures,
        "threads": [before[0], after[0]],
        "open_files": [before[1], after[1]],
        "exit_status": ended,
        **_counted(data / "requests", clients.acknowledged),
    }


def _server(serving: Path, sockets: Path, model: str) -> ServerProcess:
    """The server of one model, as a pod has it."""
    flags = [
        f"--model_config_file={serving / model / MODELS_CONFIG}",
        f"--grpc_socket_path={sockets / model}",
        "--model_config_file_poll_wait_seconds=1",
        "--allow_version_labels_for_unavailable_models",
        "--max_num_load_retries=1",
        "--load_retry_interval_micros=200000",
    ]
    return ServerProcess(flags, environment=_ONE_THREAD)


def _held(router: Served) -> tuple[int, int]:
    return router.threads(), router.open_files()


def _counted(requests: Path, acknowledged: Mapping[str, str]) -> dict[str, int]:
    """What of the acknowledged feedback is in the dataset."""
    records = [
        msgspec.json.decode(line, type=Request)
        for path in sorted(requests.glob("feedback-*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    found = {record.request_id: record.outcome for record in records}
    times = Counter(record.request_id for record in records)
    return {
        "acknowledged": len(acknowledged),
        "lost": sum(request_id not in found for request_id in acknowledged),
        "otherwise": sum(found.get(each, outcome) != outcome for each, outcome in acknowledged.items()),
        "twice": sum(count > 1 for count in times.values()),
    }
