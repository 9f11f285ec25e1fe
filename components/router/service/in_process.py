"""The models in service in a workspace, run in this process, followed as they change."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from components.records.array import Array
from components.records.known_words import read_known_words
from components.records.rollout import Rollout
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError
from components.records.shortlister_signature import SHORTLISTER
from components.router.models import Answer, NotInServiceError, Release
from components.router.service.attempt import Attempt
from components.router.service.rollout.arms import Arms
from components.router.stable import StableVersions
from components.router.standing import StandingRollout

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

    A version that does not load leaves the one before it in service, and is tried again. Of a rollout's
    candidates all must load, else none is asked.

    Args:
        serving_dir: Holds `models.config` and a folder per model.
        load: Makes a servable of a version folder.
        poll_s: Time between two looks.
    """

    passes = 1

    def __init__(self, serving_dir: Path, *, load: Load = Servable.load, poll_s: float = 0.5) -> None:
        self._stable = StableVersions(serving_dir)
        self._load = load
        self._standing = StandingRollout(serving_dir)
        self._snapshot = Snapshot({}, frozenset())
        self._arms = Arms(self._snapshot)
        self._target: tuple[dict[str, int], str] | None = None
        self._tried: dict[tuple[str, int], Loaded] = {}
        self._failed: dict[str, tuple[int, float]] = {}
        self._stopping = threading.Event()
        self.follow()
        self._watcher = threading.Thread(target=self._watch, args=(poll_s,), name="versions", daemon=True)
        self._watcher.start()

    def view(self) -> Snapshot:
        return self._snapshot

    def arms(self) -> Arms:
        return self._arms

    def close(self) -> None:
        self._stopping.set()
        self._watcher.join()

    def _watch(self, poll_s: float) -> None:
        while not self._stopping.wait(poll_s):
            self.follow()

    def follow(self) -> None:
        """Makes the snapshot what `models.config` says, as far as it loads, and beside it what is tried."""
        try:
            wanted = self._stable.versions()
        except (OSError, ValueError) as error:  # half-written by hand, say: what is served stays
            _log.error("models.config cannot be read: %s", error)
            return
        rollout = self._standing.beside(wanted)
        target = (wanted, "" if rollout is None else rollout.id)
        if not self._failed and target == self._target:
            return
        loaded = {model: self._loaded(model, version) for model, version in wanted.items()}
        self._snapshot = Snapshot(
            {model: found for model, found in loaded.items() if found is not None},
            frozenset(model for model, found in loaded.items() if found is None),
        )
        self._arms = self._with_tried(rollout)
        known = {*wanted, *(() if rollout is None else map(_tried_name, rollout.models))}
        self._failed = {model: failed for model, failed in self._failed.items() if model in known}
        self._target = target

    def _with_tried(self, rollout: Rollout | None) -> Arms:
        """All candidates are there, or none is asked."""
        tried = {}
        for model, version in ({} if rollout is None else rollout.models).items():
            before = self._tried.get((model, version))
            found = before or self._load_anew(_tried_name(model), model, version)
            if found is not None:
                tried[model, version] = found
        self._tried = tried
        if rollout is None or len(tried) < len(rollout.models):
            return Arms(self._snapshot, rollout)
        system = rollout.system(
            {model: each.release.version for model, each in self._snapshot.loaded.items()}
        )
        loaded = {
            model: tried.get((model, version)) or self._snapshot.loaded[model]
            for model, version in system.items()
        }
        broken = self._snapshot.broken - {*loaded, *rollout.retired}
        return Arms(self._snapshot, rollout, Snapshot(loaded, broken))

    def _loaded(self, model: str, version: int) -> Loaded | None:
        """That version, else what was served before."""
        before = self._snapshot.loaded.get(model)
        if before is not None and before.release.version == version:
            self._failed.pop(model, None)
            return before
        promoted = self._tried.get((model, version))
        return promoted or self._load_anew(model, model, version) or before

    def _load_anew(self, key: str, model: str, version: int) -> Loaded | None:
        """That version; None where it does not load, or did not a moment ago.

        Args:
            key: Under which a failure is remembered.
        """
        failed, at = self._failed.get(key, (0, 0.0))
        if failed == version and time.monotonic() < at + _RETRY_S:
            return None
        try:
            folder = self._stable.version_folder(model, version)
            servable = self._load(folder)
            release = Release(model, version, servable.manifest, read_known_words(folder))
            if model == SHORTLISTER:
                release.name_rule("")  # indexes the names here, not on a request's time
        except (OSError, ValueError) as error:
            _log.error("%s, version %d, does not load: %s", model, version, error)
            self._failed[key] = (version, time.monotonic())
            return None
        self._failed.pop(key, None)
        return Loaded(servable, release)


def _tried_name(model: str) -> str:
    return f"tried {model}"


def _attempt(loaded: Loaded, inputs: Mapping[str, Array]) -> Attempt:
    started = time.perf_counter()
    try:
        outputs = loaded.servable.predict(DEFAULT_SIGNATURE, inputs)
    except (ServableError, ValueError) as error:
        return Attempt(None, time.perf_counter() - started, error)
    return Attempt(Answer(outputs, loaded.release), time.perf_counter() - started)
