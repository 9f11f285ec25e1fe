"""Until when the call that this thread answers is worth answering."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_current = threading.local()


@contextmanager
def answering_within(seconds: float | None) -> Iterator[None]:
    """While this runs, `deadline()` is that many seconds from its start; None: there is none."""
    _current.at = None if seconds is None else time.perf_counter() + seconds
    try:
        yield
    finally:
        _current.at = None


def deadline() -> float | None:
    """By `time.perf_counter`; None where the caller waits for any time."""
    at: float | None = getattr(_current, "at", None)
    return at
