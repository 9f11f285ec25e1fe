"""The models in service in a workspace, run in this process."""

import threading
from collections.abc import Mapping
from pathlib import Path

from components.records.array import Array
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.router.models import Answer, Release
from components.router.stable import StableVersions


class WorkspaceModels:
    """Loads the stable version of a model when it is first asked for, and again when another becomes stable.

    Args:
        serving_dir: Holds `models.config` and a folder per model.
    """

    def __init__(self, serving_dir: Path) -> None:
        self._stable = StableVersions(serving_dir)
        self._loading = threading.Lock()
        self._loaded: dict[str, tuple[Servable, Release]] = {}

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """Raises `ValueError` where the model is not in service, `ServableError` where it cannot be run."""
        servable, release = self._current(model)
        return Answer(servable.predict(DEFAULT_SIGNATURE, inputs), release)

    def current(self, model: str) -> Release:
        """The stable version. Raises as `run` does."""
        return self._current(model)[1]

    def serves(self, model: str) -> bool:
        return self._stable.serves(model)

    def _current(self, model: str) -> tuple[Servable, Release]:
        version, folder = self._stable.folder(model)
        loaded = self._loaded.get(model)
        if loaded is None or loaded[1].version != version:
            with self._loading:
                loaded = self._loaded.get(model)
                if loaded is None or loaded[1].version != version:
                    servable = Servable.load(folder)
                    loaded = (servable, Release(model, version, servable.manifest))
                    self._loaded[model] = loaded
        return loaded
