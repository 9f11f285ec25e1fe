"""The models in service, run by model servers over TF Serving's gRPC API."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import grpc

from components.records.array import Array
from components.records.known_words import read_known_words
from components.records.model_names import address_of
from components.records.models_config import STABLE
from components.records.serving_client import ServingClient, ServingError
from components.records.version_folder import read_manifest
from components.router.models import Answer, NotInServiceError, Release
from components.router.service.attempt import Attempt
from components.router.service.rollout.arms import Arms
from components.router.stable import StableVersions
from components.router.standing import StandingRollout

Said = TypeVar("Said")


class OverGrpc:
    """Asks for the version that a server labels `stable`; reads that version's manifest in the workspace.

    Connections are made once and kept; gRPC mends those that break.

    Args:
        address: `host:port`; with `{model}` or `{host}` in it, models have servers of their own: see
            `address_of`.
        serving_dir: What the servers serve.
        timeout_s: What a call is given that does not hurry.
    """

    passes = 4

    def __init__(self, address: str, serving_dir: Path, *, timeout_s: float) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._stable = StableVersions(serving_dir)
        self._standing = StandingRollout(serving_dir)
        self._clients: dict[str, ServingClient] = {}
        self._releases: dict[tuple[str, int], Release] = {}

    def view(self) -> "ServedView":
        """The versions that are stable now."""
        return ServedView(self, self._stable.versions())

    def arms(self) -> Arms:
        """Candidates are asked for by their version: a server need not know the label `canary` yet."""
        stable = self.view()
        rollout = self._standing.beside(stable.versions)
        if rollout is None:
            return Arms(stable)
        tried = ServedView(self, rollout.system(stable.versions), frozenset(rollout.models))
        return Arms(stable, rollout, tried)

    def attempt(
        self, asked: Mapping[str, Mapping[str, Array]], timeout_s: float, exact: Mapping[str, int]
    ) -> dict[str, Attempt]:
        """All at once; takes as long as the slowest, `timeout_s` at most.

        Args:
            exact: Versions to ask for; of other models the one labelled `stable`.
        """
        started = time.perf_counter()

        def ask(model: str, call: Callable[..., Said]) -> Said:
            version = exact.get(model)
            label = STABLE if version is None else None
            return call(model, asked[model], version=version, label=label, timeout_s=timeout_s)

        *others, last = asked
        waits: dict[str, Callable[[], tuple[dict[str, Array], int]]] = {
            model: ask(model, self._client(model).start_predict).result for model in others
        }
        # Meanwhile this thread asks the last itself: no other has to wake it.
        waits = {last: partial(ask, last, self._client(last).predict), **waits}
        found = {model: self._await(model, wait, started, timeout_s) for model, wait in waits.items()}
        return {model: found[model] for model in asked}

    def release(self, model: str, version: int) -> Release:
        """A version and its manifest. Raises as `read_manifest` does."""
        release = self._releases.get((model, version))
        if release is None:
            folder = self._stable.version_folder(model, version)
            release = Release(model, version, read_manifest(folder), read_known_words(folder))
            self._releases[model, version] = release
        return release

    def close(self) -> None:
        for client in list(self._clients.values()):
            client.close()

    def _await(
        self,
        model: str,
        wait: Callable[[], tuple[dict[str, Array], int]],
        started: float,
        timeout_s: float,
    ) -> Attempt:
        try:
            outputs, version = wait()
            answer = Answer(outputs, self.release(model, version))
        except (OSError, ValueError) as error:
            late = isinstance(error, ServingError) and error.code is grpc.StatusCode.DEADLINE_EXCEEDED
            hurried = late and timeout_s < self._timeout_s
            return Attempt(None, time.perf_counter() - started, error, hurried)
        return Attempt(answer, time.perf_counter() - started)

    def _address_of(self, model: str) -> str:
        return address_of(self._address, model)

    def _client(self, model: str) -> ServingClient:
        address = self._address_of(model)
        client = self._clients.get(address)
        if client is None:
            client = self._clients.setdefault(address, ServingClient(address, timeout_s=self._timeout_s))
        return client


class ServedView(NamedTuple):
    """What the servers serve, as far as the workspace says: a model that leaves it is asked all the same.

    A label is resolved where the model is; each model is asked once a request, so that one version answers.

    Attributes:
        versions: By model.
        tried: Models that are asked for by version, as they are not labelled stable.
    """

    servers: OverGrpc
    versions: Mapping[str, int]
    tried: frozenset[str] = frozenset()

    @property
    def broken(self) -> frozenset[str]:
        """None: a server says of itself which model it cannot load."""
        return frozenset()

    def current(self, model: str) -> Release:
        """Raises `NotInServiceError` where the model is not in service."""
        if model not in self.versions:
            raise NotInServiceError(f"no model {model!r} is in service")
        return self.servers.release(model, self.versions[model])

    def serves(self, model: str) -> bool:
        return model in self.versions

    def attempt(self, asked: Mapping[str, Mapping[str, Array]], timeout_s: float) -> dict[str, Attempt]:
        exact = {model: self.versions[model] for model in self.tried}
        return self.servers.attempt(asked, timeout_s, exact)
