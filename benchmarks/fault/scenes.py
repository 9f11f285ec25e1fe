"""What happens to the routers, scene after scene, while the clients ask on."""

import resource
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.fault.clients import Clients
from benchmarks.fault.processes import Served
from benchmarks.fault.serving_folder import force_damaged, make_stable_again, put
from benchmarks.server_process import ServerProcess
from components.push.options import PushOptions
from components.push.rollback import rollback
from components.push.serving_folder import stable_versions
from components.records.domain_signature import DOMAIN_PREFIX
from components.records.shortlister_signature import SHORTLISTER

QUIET = "none"

_LOOK_S = 0.1
_MOST_S = 60.0
_FULL_BYTES = 40
"""What a file may still grow by on the full disk: less than a line, so that one is cut short."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything.

    Attributes:
        swaps: Versions put into service, over all models in turns.
        disconnects: Clients that leave mid-call, and as many that leave mid-request.
        kills: Of a whole router with its models.
        rest_s: Of each scene, beside what happens in it.
    """

    swaps: int = 50
    disconnects: int = 200
    kills: int = 3
    rest_s: float = 3.0


class Servers:
    """A model server for each model, each a process.

    Args:
        models: Their names.
        start: Starts the server of a model.
    """

    def __init__(self, models: Iterable[str], start: Callable[[str], ServerProcess]) -> None:
        self._start = start
        self._running: dict[str, ServerProcess] = {}
        for model in models:
            self.start(model)

    def start(self, model: str) -> None:
        self._running[model] = self._start(model)

    def kill(self, model: str) -> None:
        self._running.pop(model).kill()

    def close(self) -> None:
        for server in self._running.values():
            server.stop()


class Scenes:
    """The faults.

    Args:
        serving: The serving folder.
        folders: Version folders by model.
        whole: Routers that serve the models themselves.
        remote: A router that asks model servers.
        servers: Whom it asks.
        clients: Ask all routers.
        options: Which servers a push waits for.
        plan: How much of everything.
    """

    def __init__(
        self,
        serving: Path,
        folders: Mapping[str, Path],
        whole: Sequence[Served],
        remote: Served,
        servers: Servers,
        clients: Clients,
        options: PushOptions,
        plan: Plan,
    ) -> None:
        self._serving = serving
        self._folders = folders
        self._whole = whole
        self._remote = remote
        self._servers = servers
        self._clients = clients
        self._options = options
        self._plan = plan
        self.figures: dict[str, Any] = {}

    def quiet(self) -> None:
        self._clients.scene(QUIET)
        time.sleep(self._plan.rest_s)

    def swaps(self) -> None:
        """Versions swapped under way, one model after the other, then a rollback of the last one."""
        self._clients.scene("version swaps")
        models = list(self._folders)
        done = 0
        for number in range(self._plan.swaps):
            model = models[number % len(models)]
            done += not put(self._serving, {model: self._folders[model]}, self._options)
        self.figures |= {"swaps": done, "picked_up_s": self._picked_up()}
        self._clients.scene("rollback")
        result = rollback(self._serving, reason="a fault on purpose", options=self._options)
        self.figures |= {"rolled_back": len(result.models), "rolled_back_s": self._picked_up()}
        time.sleep(self._plan.rest_s)

    def corrupt(self) -> None:
        """A corrupt version of every model is pushed; then one is labelled stable by hand."""
        self._clients.scene("corrupt versions")
        before = stable_versions(self._serving)
        refused = [
            bool(put(self._serving, {model: self._folders[model]}, self._options, damaged=True))
            for model in before
        ]
        kept = stable_versions(self._serving) == before
        self.figures |= {"corrupt": len(refused), "corrupt_refused": sum(refused), "corrupt_kept": kept}
        self._clients.scene("a corrupt version, stable by hand")
        for model in before:
            version = force_damaged(self._serving, model)
            time.sleep(self._plan.rest_s / len(before) + 1.0)  # it is found, tried and not loaded
            make_stable_again(self._serving, model, version)
        self._picked_up()

    def model_servers(self) -> None:
        """The server of one domain's model is killed and started again, then that of the Shortlister."""
        domain = next(model for model in self._folders if model.startswith(DOMAIN_PREFIX))
        self._clients.scene("a domain's model server killed")
        self._servers.kill(domain)
        time.sleep(self._plan.rest_s)
        self._servers.start(domain)
        self.figures["domain_back_s"] = self._undegraded()
        self._clients.scene("the Shortlister's server killed")
        self._servers.kill(SHORTLISTER)
        time.sleep(self._plan.rest_s)
        self._clients.versions[-1].clear()
        self._servers.start(SHORTLISTER)
        started = time.monotonic()
        _wait(lambda: SHORTLISTER in self._clients.versions[-1])
        self.figures["shortlister_back_s"] = round(time.monotonic() - started, 1)

    def disconnects(self) -> None:
        """Clients that leave in the midst of their request, and before the answer comes."""
        self._clients.scene("clients leave mid-call")
        body = b'{"utterance": "play something"}'
        head = f"POST /v1/route HTTP/1.1\r\nhost: a\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        for number in range(self._plan.disconnects):
            for router in (*self._whole, self._remote):
                for sent in (head + body, head + body[: number % len(body)]):
                    _leave(router.address, sent)
            time.sleep(0.01)
        time.sleep(self._plan.rest_s)

    def full_disk(self) -> None:
        """No file of the routers may grow: each write that would make it grow is cut short and fails."""
        scene = self._clients.scene("disk full at feedback")
        routers = (*self._whole, self._remote)
        journal = self._serving.parent / "router" / "feedback" / "journal"
        largest = max((path.stat().st_size for path in journal.rglob("*.jsonl")), default=0)
        hard = resource.prlimit(routers[0].pid, resource.RLIMIT_FSIZE)[1]
        for router in routers:
            resource.prlimit(router.pid, resource.RLIMIT_FSIZE, (largest + _FULL_BYTES, hard))
        time.sleep(self._plan.rest_s)
        _wait(lambda: scene["feedback put off"] > 0)
        self._clients.scene("the disk has room again")
        for router in routers:
            resource.prlimit(router.pid, resource.RLIMIT_FSIZE, (hard, hard))
        time.sleep(self._plan.rest_s)

    def kills(self) -> None:
        """A whole router is killed and started again while feedback comes."""
        self._clients.scene("kill -9 of a router")
        for number in range(self._plan.kills):
            router = self._whole[number % len(self._whole)]
            router.kill()
            time.sleep(self._plan.rest_s / 2)
            router.start()
            time.sleep(self._plan.rest_s / 2)

    def _picked_up(self) -> float:
        """Seconds until every router answers with the versions in service."""
        started = time.monotonic()
        wanted = stable_versions(self._serving)

        def agree() -> bool:
            return all({**wanted, **seen} == wanted for seen in self._clients.versions)

        _wait(agree)
        return round(time.monotonic() - started, 1)

    def _undegraded(self) -> float:
        """Seconds until for a second no answer lacks anything."""
        started = time.monotonic()
        while time.monotonic() < started + _MOST_S:
            counts = self._clients.scene("it is back")
            before = counts["degraded"]
            time.sleep(1.0)
            if counts["degraded"] == before:
                break
        return round(time.monotonic() - started, 1)


def _wait(true: Callable[[], bool]) -> None:
    until = time.monotonic() + _MOST_S
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"it did not come about in {_MOST_S:.0f} s")
        time.sleep(_LOOK_S)


def _leave(address: str, sent: bytes) -> None:
    """Sends so much and resets the connection."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(sent)
