"""Which version of each model is in service, followed as `models.config` changes."""

import os
import threading
from pathlib import Path

from components.records.models_config import MODELS_CONFIG, STABLE, ModelConfig, read_models_config
from components.router.models import NotInServiceError


class StableVersions:
    """The versions labelled `stable` in a serving folder; the file is read again when it was replaced.

    Args:
        serving_dir: Holds `models.config` and a folder per model.
    """

    def __init__(self, serving_dir: Path) -> None:
        self._serving_dir = serving_dir
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._configs: dict[str, ModelConfig] = {}

    def folder(self, model: str) -> tuple[int, Path]:
        """The stable version of `model` and its folder.

        Raises:
            NotInServiceError: The model is not served here, or has no stable version.
        """
        config = self._current().get(model)
        version = config and config.labels.get(STABLE)
        if not version:
            raise NotInServiceError(
                f"no model {model!r} is in service in {self._serving_dir}; "
                "train and push one first: arbiter run DATA --workspace WORK"
            )
        return version, self.version_folder(model, version)

    def serves(self, model: str) -> bool:
        """Whether the model has a stable version."""
        config = self._current().get(model)
        return config is not None and bool(config.labels.get(STABLE))

    def versions(self) -> dict[str, int]:
        """The stable version of every model that has one."""
        return {
            name: config.labels[STABLE]
            for name, config in self._current().items()
            if config.labels.get(STABLE)
        }

    def version_folder(self, model: str, version: int) -> Path:
        return self._serving_dir / model / str(version)

    def _current(self) -> dict[str, ModelConfig]:
        path = self._serving_dir / MODELS_CONFIG
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return {}
        seen = (status.st_ino, status.st_mtime_ns)
        with self._lock:
            if seen != self._seen:
                self._configs = {config.name: config for config in read_models_config(path)}
                self._seen = seen
            return self._configs
