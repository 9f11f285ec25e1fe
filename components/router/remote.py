"""The models in service in a workspace, run by a model server over TF Serving's gRPC API."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from components.records.array import Array
from components.records.models_config import STABLE
from components.records.serving_client import ServingClient
from components.records.version_folder import read_manifest
from components.router.models import Answer, Release
from components.router.stable import StableVersions


class RemoteModels:
    """Asks the server for the version it labels `stable`; reads that version's manifest in the workspace.

    Args:
        address: `host:port` of the server.
        serving_dir: The folder that the server serves from.
        timeout_s: Deadline of each call.
    """

    def __init__(self, address: str, serving_dir: Path, *, timeout_s: float = 10.0) -> None:
        self._client = ServingClient(address, timeout_s=timeout_s)
        self._stable = StableVersions(serving_dir)
        self._releases: dict[tuple[str, int], Release] = {}

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """Raises `ServingError` where the server refuses or does not answer in time."""
        outputs, version = self._client.predict(model, inputs, label=STABLE)
        return Answer(outputs, self._release(model, version))

    def current(self, model: str) -> Release:
        """The version labelled `stable` in the workspace; a server takes up a new one a little later.

        Raises `ValueError` where the model is not in service.
        """
        version, _ = self._stable.folder(model)
        return self._release(model, version)

    def serves(self, model: str) -> bool:
        """Whether the workspace has a version labelled `stable`."""
        return self._stable.serves(model)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _release(self, model: str, version: int) -> Release:
        release = self._releases.get((model, version))
        if release is None:
            manifest = read_manifest(self._stable.version_folder(model, version))
            release = self._releases[model, version] = Release(model, version, manifest)
        return release
