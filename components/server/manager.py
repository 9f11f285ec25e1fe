"""Which versions are loaded: loads new ones aside, retries, and lets go of old ones late."""

import logging
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from components.records.servable import Servable, ServableError
from components.server.errors import Failure, not_found, unknown
from components.server.version import State, Version, VersionState

_log = logging.getLogger("arbiter.server")
_UNKNOWN = 2
_LOOK_AGAIN_S = 0.05


class Manager:
    """The versions of all models.

    Requests read a table that is replaced, never changed, so no load makes them wait. The newest version that
    is no longer wanted stays until one that is wanted is available (TF Serving's availability-preserving
    policy); a version is freed when the last request that uses it has finished.

    Args:
        load: Loads a version folder; raises `ServableError`.
        free_first: Lets go of what is no longer wanted before anything is loaded (TF Serving's
            resource-preserving policy): never two versions in memory, but a gap in which none answers.
        max_retries: How often a failed load is tried again.
        retry_interval_s: Time between the tries.
        threads: Loads at a time.
    """

    def __init__(
        self,
        load: Callable[[Path], Servable],
        *,
        free_first: bool = False,
        max_retries: int = 5,
        retry_interval_s: float = 60.0,
        threads: int = 2,
    ) -> None:
        if max_retries < 0 or retry_interval_s < 0 or threads < 1:
            raise ValueError(
                "`max_retries` and `retry_interval_s` must not be negative and `threads` must be positive. "
                f"Received: {max_retries}, {retry_interval_s}, {threads}"
            )
        self._load = load
        self._free_first = free_first
        self._max_retries = max_retries
        self._retry_interval_s = retry_interval_s
        self._versions: dict[str, dict[int, Version]] = {}
        self._available: dict[str, dict[int, Servable]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="load")

    def want(self, model: str, paths: Mapping[int, Path]) -> None:
        """Makes `paths` (version to folder) the wanted versions of a model; an empty one unloads it.

        A version that failed is not tried again for as long as it is wanted without a break.
        """
        with self._changed:
            known = self._versions.setdefault(model, {})
            before = {number for number, version in known.items() if version.wanted}
            for number, version in known.items():
                version.wanted = number in paths
                if not version.wanted and version.retry is not None:
                    version.retry.cancel()
                    version.retry = None
                    version.cancelled()
            for number, path in paths.items():
                old = known.get(number)
                over = old is None or old.state >= State.UNLOADING
                if over and not (old and old.failure and number in before):
                    known[number] = Version(model, number, path)
            self._let_go(model)
            self._start_loads(model)
            self._changed.notify_all()

    def get(self, model: str, version: int | None) -> tuple[int, Servable]:
        """The version asked for, or the latest available one. Raises `StatusError` NOT_FOUND."""
        table = self._available.get(model, {})
        number = max(table, default=None) if version is None else version
        if number is None or number not in table:
            asked = f"Latest({model})" if version is None else f"Specific({model}, {version})"
            raise not_found(f"Servable not found for request: {asked}")
        return number, table[number]

    def states(self, model: str) -> dict[int, VersionState]:
        """Every version of a model that was ever wanted, newest first."""
        with self._changed:
            versions = sorted(self._versions.get(model, {}).items(), reverse=True)
            return {number: VersionState(v.state, v.failure) for number, v in versions}

    def wait(self, models: Iterable[str]) -> None:
        """Returns when each model has an available version.

        A model that has no version folder yet is waited for, as TF Serving does.

        Raises:
            StatusError: UNKNOWN; every wanted version of some model failed to load.
        """
        names = sorted(models)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or all(map(self._settled, names)))
            failed = [v for n in names if not self._available.get(n) for v in self._wanted(n) if v.failure]
        if failed:
            listed = "".join(f"{{{v} due to error: {v.failure}}}, " for v in failed)
            raise unknown(f"{len(failed)} model(s) did not become available: {{{listed}}}")

    def close(self) -> None:
        """Drops what waits to be loaded and frees the rest; a load under way is waited for."""
        with self._changed:
            self._closed = True
            for version in (each for known in self._versions.values() for each in known.values()):
                if version.retry is not None:
                    version.retry.cancel()
            self._changed.notify_all()
        self._pool.shutdown(cancel_futures=True)
        self._available = {}

    def _wanted(self, model: str) -> list[Version]:
        return [v for v in self._versions.get(model, {}).values() if v.wanted]

    def _settled(self, model: str) -> bool:
        wanted = self._wanted(model)
        dead = bool(wanted) and all(v.state == State.END for v in wanted)
        return dead or bool(self._available.get(model))

    def _start_loads(self, model: str) -> None:
        """Queues the loads of the wanted versions, newest first, as soon as the policy lets them begin."""
        with self._changed:
            known = self._versions[model].values()
            waiting = [version for version in known if version.wanted and not version.queued]
            if not waiting or self._closed:
                return
            if self._free_first and any(not v.wanted and v.state != State.END for v in known):
                _later(_LOOK_AGAIN_S, self._start_loads, model)
                return
            for version in sorted(waiting, key=lambda version: -version.number):
                version.queued = True
                self._pool.submit(self._try, version)

    def _try(self, version: Version) -> None:
        with self._changed:
            version.retry = None
            if self._closed or not version.wanted:
                version.cancelled()
                self._changed.notify_all()
                return
            version.state = State.LOADING
            version.attempts += 1
        try:
            servable = self._load(version.path)
        except ServableError as error:
            self._failed(version, Failure(error.code, error.message))
        except Exception as error:  # a version is never left half-loaded, whatever its files made happen
            self._failed(version, Failure(_UNKNOWN, f"{type(error).__name__}: {error}"))
        else:
            self._loaded(version, servable)

    def _loaded(self, version: Version, servable: Servable) -> None:
        with self._changed:
            if self._closed or not version.wanted:
                version.cancelled()
            else:
                weakref.finalize(servable, version.ended).atexit = False
                version.state = State.AVAILABLE
                table = {**self._available.get(version.model, {}), version.number: servable}
                self._available = {**self._available, version.model: table}
                self._let_go(version.model)
                _log.info("Successfully loaded servable version %s", version)
            self._changed.notify_all()

    def _failed(self, version: Version, failure: Failure) -> None:
        _log.error("Loading servable: %s failed: %s", version, failure)
        with self._changed:
            if self._closed or not version.wanted:
                version.cancelled()
            elif version.attempts <= self._max_retries:
                version.retry = _later(self._retry_interval_s, self._retry, version)
            else:
                version.failure = failure
                version.ended()
            self._changed.notify_all()

    def _retry(self, version: Version) -> None:
        with self._changed:
            if not self._closed and version.retry is not None:
                self._pool.submit(self._try, version)

    def _let_go(self, model: str) -> None:
        """Takes unwanted versions out of the table, but for what the policy keeps."""
        table = self._available.get(model, {})
        versions = self._versions[model]
        keep = {number: servable for number, servable in table.items() if versions[number].wanted}
        if table and not keep and not self._free_first and self._wanted(model):
            newest = max(table)
            keep = {newest: table[newest]}
        for number in table.keys() - keep.keys():
            versions[number].state = State.UNLOADING
            _log.info("Unloading servable version %s", versions[number])
        if len(keep) < len(table):
            self._available = {**self._available, model: keep}


def _later(seconds: float, function: Callable[..., None], argument: object) -> threading.Timer:
    timer = threading.Timer(seconds, function, [argument])
    timer.daemon = True
    timer.start()
    return timer
