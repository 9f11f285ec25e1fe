"""How many requests are computed and wait at a time; more are refused at once.

What bounds the queue is how long its last one would wait, not how many stand in it: a router that is slow for
a while, or on a slow machine, takes fewer in. A burst may wait for long, for it passes. A queue that does not
empty does not pass, and only delays whoever stands in it, so it is kept shorter (Nichols and Jacobson,
Controlling Queue Delay, 2012; Maurer, Fail at Scale, 2015).
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from components.router.service.errors import OVERLOADED, UNAVAILABLE, ServiceError

TOO_MANY = "too many requests at once"
RETRY_S = 0.05
"""A refused client does well to wait so long: the queue is shorter than that."""
_NEWEST = 1.0 / 32.0
"""What the turn that ended last counts in the time that a turn takes."""
_STANDS_S = 0.5
"""A queue that did not empty for so long stands."""
_STANDING = 0.5
"""How long it may be, beside one that a burst has left."""


class Gate:
    """Lets so many through at a time, and as many wait as will have their turn soon.

    Args:
        running: Computed at a time.
        waiting: That wait at most, however short their turns are.
        wait_s: Who would wait longer for its turn, going by how long turns have taken, is not let in; nor,
            while the queue stands, who would wait `_STANDING` of that.
        clock: Seconds.
    """

    def __init__(
        self,
        running: int,
        waiting: int,
        wait_s: float = math.inf,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._running = running
        self._most = running + waiting
        self._wait_s = wait_s
        self._clock = clock
        self._turn_s = 0.0
        self._empty_at = clock()
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
        return self._is_full() and not self._closed

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
            if self._is_full():
                raise ServiceError(OVERLOADED, TOO_MANY, retry_s=RETRY_S)
            self._inside += 1
            self._look()
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                self._look()
                if self._inside == 0:
                    self._empty.notify_all()

    def took(self, seconds: float) -> None:
        """A turn has ended, after so long for each request of it."""
        with self._lock:
            self._turn_s += _NEWEST * (seconds - self._turn_s)

    def _look(self) -> None:
        """Notes when nobody waits."""
        if self._inside <= self._running:
            self._empty_at = self._clock()

    def _is_full(self) -> bool:
        before = self._inside - self._running + 1  # turns to end before the next request has one
        if before <= 0:
            return False
        stands = self._clock() - self._empty_at > _STANDS_S
        wait_s = self._wait_s * _STANDING if stands else self._wait_s
        return self._inside >= self._most or before * self._turn_s > wait_s * self._running

    def drain(self, timeout_s: float) -> bool:
        """Refuses new requests and waits for those inside. Returns whether all have left."""
        with self._lock:
            self._closed = True
            return self._empty.wait_for(lambda: self._inside == 0, timeout_s)
