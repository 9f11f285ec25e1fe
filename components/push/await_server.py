"""Waits for the live servers to load what was offered to them."""

import logging
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

import grpc

from components.push.options import PushOptions
from components.push.replicas import replicas
from components.push.serving_folder import stable_versions
from components.records.live_server import live_address
from components.records.serving_client import ServingClient, ServingError

_LOOK_S = 0.2
_AVAILABLE = "AVAILABLE"
_SILENT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_log = logging.getLogger(__name__)


def await_server(serving_dir: Path, offered: Mapping[str, int], options: PushOptions) -> str:
    """Waits until every replica of the live server, if there is one, has loaded a version of each model.

    The replicas are looked up anew at each look: one that left is not waited for, one that came is. All must
    have all of the versions at the same look.

    A model that has never been in service need not have a server of its own yet: those on a cluster are made
    for the models that are in service. It is not waited for where none answers.

    Returns: Which have not, and why; or ''.
    Raises:
        ServingError: One failed.
    """
    server = options.server or live_address(serving_dir)
    if not server:
        return ""
    deadline = time.monotonic() + options.wait_seconds
    missing, in_service = dict(offered), stable_versions(serving_dir)
    with _Servers() as servers:
        while True:
            looks = {m: servers.look(replicas(server, m), m, version) for m, version in missing.items()}
            for model in [model for model, look in looks.items() if look.silent]:
                if not options.server:
                    return ""  # its announcement outlived it: nobody serves this folder
                if model not in in_service:
                    _log.warning("%s is put into service without a server", model)
                    del missing[model], looks[model]
            broken = _joined(look.broken for look in looks.values())
            behind = _joined(look.behind for look in looks.values())
            if broken or not behind:
                return broken
            if time.monotonic() >= deadline:
                return f"after {options.wait_seconds:.0f} s {behind}"
            time.sleep(_LOOK_S)


class _Look(NamedTuple):
    """What the replicas of a model say of a version, at one moment.

    Attributes:
        broken: Who cannot load it, and why.
        behind: Who does not have it yet.
        silent: None of them answers.
    """

    broken: list[str]
    behind: list[str]
    silent: bool


class _Servers:
    """Connections by address, kept from look to look."""

    def __init__(self) -> None:
        self._clients: dict[str, ServingClient] = {}

    def look(self, addresses: Iterable[str], model: str, version: int) -> _Look:
        """Asks each address. Raises `ServingError` where one fails otherwise than by not being there."""
        broken, behind, silent = [], [], True
        for address in addresses:
            client = self._clients.get(address) or self._clients.setdefault(address, ServingClient(address))
            try:
                status = client.status(model).get(version)
            except ServingError as error:
                if error.code in _SILENT:
                    self._clients.pop(address).close()  # gRPC would wait ever longer before it tries again
                    behind.append(f"the server at {address} does not answer")
                    continue
                if error.code != grpc.StatusCode.NOT_FOUND:
                    raise
                status = None
            silent = False
            if status is not None and status.error:
                broken.append(
                    f"the server at {address} cannot load {model}, version {version}: {status.error}"
                )
            elif status is None or status.state != _AVAILABLE:
                behind.append(f"the server at {address} has not loaded {model}, version {version}")
        return _Look(broken, behind, silent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()


def _joined(said: Iterable[list[str]]) -> str:
    return "; ".join(dict.fromkeys(words for each in said for words in each))
