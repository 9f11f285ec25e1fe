"""Routed requests until their feedback comes: written to the store by a thread, so that no answer waits."""

import logging
import threading
import time
from collections.abc import Callable

from components.records.examples import micros
from components.router.api.answers import RouteAnswer
from components.router.service.store import Routed, Store, StoreError, now
from components.router.service.watcher import Watcher

_log = logging.getLogger("arbiter.router")
_TOGETHER_S = 0.05
_AGAIN_S = 1.0
_SWEEP_S = 600.0
_MICROSECONDS = 1_000_000


class Recall(Watcher):
    """Remembers routed requests, and finds them again.

    Args:
        store: Where they go, some at a time.
        remember_s: How long they are kept there.
        most: That wait to be written; where the store is slower than the requests, or does not answer for
            long, the rest is lost, counted.
        lost: Told how many.
    """

    def __init__(
        self,
        store: Store,
        *,
        remember_s: float,
        most: int = 10_000,
        lost: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._store = store
        self._remember_s = remember_s
        self._most = most
        self._lost = lost
        self._lock = threading.Lock()
        self._new: dict[str, Routed] = {}
        self._writing: dict[str, Routed] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recall", daemon=True)
        self._thread.start()

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        self.remember(routed)

    def remember(self, routed: Routed) -> None:
        """Remembers a request; the later of two of one id."""
        with self._lock:
            if len(self._new) < self._most:
                self._new[routed.request.request_id] = routed
                return
        self._lost(1)

    def find(self, request_id: str) -> Routed | None:
        """The request of that id. Raises `StoreError`."""
        with self._lock:
            found = self._new.get(request_id) or self._writing.get(request_id)
        return self._store.routed(request_id) if found is None else found

    def close(self) -> None:
        """Writes what is left."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        swept = -_SWEEP_S
        pause = _TOGETHER_S
        while not self._stopping.wait(pause):
            pause = _TOGETHER_S if self._write() else _AGAIN_S
            if time.monotonic() >= swept + _SWEEP_S:
                swept = time.monotonic()
                self._forget()
        if not self._write():
            self._lost(len(self._new))

    def _write(self) -> bool:
        """Whether the store has what was waiting; if not, it waits on."""
        with self._lock:
            self._writing, self._new = self._new, {}
        if not self._writing:
            return True
        try:
            self._store.remember(list(self._writing.values()))
        except StoreError as error:
            _log.error("routed requests are not stored yet: %s", error)
            with self._lock:
                self._new, self._writing = {**self._writing, **self._new}, {}
            return False
        with self._lock:
            self._writing = {}
        return True

    def _forget(self) -> None:
        try:
            self._store.forget(micros(now()) - round(self._remember_s * _MICROSECONDS))
        except StoreError as error:
            _log.error("old requests are not dropped: %s", error)
