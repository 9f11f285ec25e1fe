"""How many requests are computed and wait at a time; more are refused at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from components.router.service.deadline import Deadline
from components.router.service.errors import OVERLOADED, TOO_LATE, UNAVAILABLE, ServiceError

TOO_MANY = "too many requests at once"
RETRY_S = 0.05
"""A refused client does well to wait so long: the queue is shorter than that."""


class Gate:
    """Lets so many through at a time, and so many wait.

    Args:
        running: Computed at a time.
        waiting: That wait.
    """

    def __init__(self, running: int, waiting: int) -> None:
        self._slots = threading.Semaphore(running)
        self._most = running + waiting
        self._lock = threading.Lock()
        self._empty = threading.Condition(self._lock)
        self._inside = 0
        self._closed = False

    @property
    def inside(self) -> int:
        """Requests that are computed or wait."""
        return self._inside

    @property
    def full(self) -> bool:
        """Whether the next request would be one too many."""
        return self._inside >= self._most and not self._closed

    @property
    def closed(self) -> bool:
        """Whether new requests are refused for good."""
        return self._closed

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Counts one request in, before it is handed to a thread.

        Raises:
            ServiceError: There are too many (`OVERLOADED`), or the gate is closed (`UNAVAILABLE`).
        """
        with self._lock:
            if self._closed:
                raise ServiceError(UNAVAILABLE, "the router is shutting down", retry_s=RETRY_S)
            if self._inside >= self._most:
                raise ServiceError(OVERLOADED, TOO_MANY, retry_s=RETRY_S)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._empty.notify_all()

    @contextmanager
    def slot(self, deadline: Deadline) -> Iterator[None]:
        """Waits for its turn. Raises `ServiceError` (`TOO_LATE`) where that is past the deadline."""
        if not self._slots.acquire(timeout=deadline.left()):
            raise ServiceError(TOO_LATE, "the request was not answered in time")
        try:
            yield
        finally:
            self._slots.release()

    def drain(self, timeout_s: float) -> bool:
        """Refuses new requests and waits for those inside. Returns whether all have left."""
        with self._lock:
            self._closed = True
            return self._empty.wait_for(lambda: self._inside == 0, timeout_s)
