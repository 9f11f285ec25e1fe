"""The models in service in a workspace, run in this process, followed as they change."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from components.records.array import Array
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError
from components.records.shortlister_signature import SHORTLISTER
from components.router.models import Answer, NotInServiceError, Release
from components.router.service.attempt import Attempt
from components.router.stable import StableVersions

_log = logging.getLogger("arbiter.router")
_RETRY_S = 10.0

Load = Callable[[Path], Servable]


class Loaded(NamedTuple):
    """A version that can be asked."""

    servable: Servable
    release: Release


class Snapshot(NamedTuple):
    """The versions at one moment.

    Attributes:
        loaded: By model.
        broken: In service, but none of their versions loads.
    """

    loaded: Mapping[str, Loaded]
    broken: frozenset[str]

    def current(self, model: str) -> Release:
        """Raises `NotInServiceError` where the model is not there."""
        found = self.loaded.get(model)
        if found is None:
            raise NotInServiceError(f"no model {model!r} is in service")
        return found.release

    def serves(self, model: str) -> bool:
        return model in self.loaded

    def attempt(self, asked: Mapping[str, Mapping[str, Array]], timeout_s: float) -> dict[str, Attempt]:
        """One after the other, which costs least; nothing is waited for, so `timeout_s` is not read."""
        return {model: _attempt(self.loaded[model], inputs) for model, inputs in asked.items()}


class InProcess:
    """Loads the stable versions, and loads aside and swaps in those that become stable.

    A version that does not load leaves the one before it in service, and is tried again.

    Args:
        serving_dir: Holds `models.config` and a folder per model.
        load: Makes a servable of a version folder.
        poll_s: Time between two looks.
    """

    def __init__(self, serving_dir: Path, *, load: Load = Servable.load, poll_s: float = 0.5) -> None:
        self._stable = StableVersions(serving_dir)
        self._load = load
        self._snapshot = Snapshot({}, frozenset())
        self._failed: dict[str, tuple[int, float]] = {}
        self._stopping = threading.Event()
        self.follow()
        self._watcher = threading.Thread(target=self._watch, args=(poll_s,), name="versions", daemon=True)
        self._watcher.start()

    def view(self) -> Snapshot:
        return self._snapshot

    def close(self) -> None:
        self._stopping.set()
        self._watcher.join()

    def _watch(self, poll_s: float) -> None:
        while not self._stopping.wait(poll_s):
            self.follow()

    def follow(self) -> None:
        """Makes the snapshot what `models.config` says, as far as it loads."""
        try:
            wanted = self._stable.versions()
        except (OSError, ValueError) as error:  # half-written by hand, say: what is served stays
            _log.error("models.config cannot be read: %s", error)
            return
        before = self._snapshot
        if not self._failed and wanted == {
            model: loaded.release.version for model, loaded in before.loaded.items()
        }:
            return
        loaded = {model: self._loaded(model, version) for model, version in wanted.items()}
        self._failed = {model: failed for model, failed in self._failed.items() if model in wanted}
        self._snapshot = Snapshot(
            {model: found for model, found in loaded.items() if found is not None},
            frozenset(model for model, found in loaded.items() if found is None),
        )

    def _loaded(self, model: str, version: int) -> Loaded | None:
        """That version, else what was served before."""
        before = self._snapshot.loaded.get(model)
        if before is not None and before.release.version == version:
            self._failed.pop(model, None)
            return before
        failed, at = self._failed.get(model, (0, 0.0))
        if failed == version and time.monotonic() < at + _RETRY_S:
            return before
        try:
            servable = self._load(self._stable.version_folder(model, version))
            release = Release(model, version, servable.manifest)
            if model == SHORTLISTER:
                release.name_rule("")  # indexes the names here, not on a request's time
        except (OSError, ValueError) as error:
            _log.error("%s, version %d, does not load: %s", model, version, error)
            self._failed[model] = (version, time.monotonic())
            return before
        self._failed.pop(model, None)
        return Loaded(servable, release)


def _attempt(loaded: Loaded, inputs: Mapping[str, Array]) -> Attempt:
    started = time.perf_counter()
    try:
        outputs = loaded.servable.predict(DEFAULT_SIGNATURE, inputs)
    except (ServableError, ValueError) as error:
        return Attempt(None, time.perf_counter() - started, error)
    return Attempt(Answer(outputs, loaded.release), time.perf_counter() - started)
