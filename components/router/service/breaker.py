"""Models that fail are left alone for a while: a circuit breaker each."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Closed, every request asks the model; open, none; then one tries, and decides which it is to be.

    Args:
        failures: In a row, that open it; 0: it never opens.
        open_s: How long it stays open; twice as long after each try that fails, up to sixteen times.
        clock: Seconds.
    """

    _LONGEST = 16

    def __init__(self, failures: int, open_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._open_s = open_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._longer = 1
        self._until: float | None = None
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether the model is left alone, but for a try."""
        return self._until is not None

    def asks(self) -> bool:
        """Whether this request is to ask the model; it must then say how that went."""
        if self._until is None:
            return True
        with self._lock:
            if self._until is None:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._open_s  # this request tries; the others wait for it
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The model answered."""
        if self._failed:
            with self._lock:
                self._failed, self._longer, self._until, self._trying = 0, 1, None, False

    def failed(self) -> None:
        """The model did not answer."""
        with self._lock:
            self._failed += 1
            if self._until is None and 0 < self._failures <= self._failed:
                self._until = self._clock() + self._open_s
            elif self._trying:
                self._longer = min(self._longer * 2, self._LONGEST)
                self._until = self._clock() + self._open_s * self._longer
            self._trying = False


class Breakers:
    """A breaker per model, made when it is first asked for."""

    def __init__(self, failures: int, open_s: float) -> None:
        self._failures = failures
        self._open_s = open_s
        self._lock = threading.Lock()
        self._breakers: dict[str, Breaker] = {}

    def of(self, model: str) -> Breaker:
        breaker = self._breakers.get(model)
        if breaker is None:
            with self._lock:
                breaker = self._breakers.setdefault(model, Breaker(self._failures, self._open_s))
        return breaker

    def open(self) -> list[str]:
        """The models that are left alone."""
        with self._lock:
            return [model for model, breaker in self._breakers.items() if breaker.open]
