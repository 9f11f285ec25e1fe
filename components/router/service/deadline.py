"""Until when a request is worth an answer."""

import time

from components.router.service.errors import TOO_LATE, ServiceError


class Deadline:
    """A moment on the monotonic clock.

    Args:
        seconds: From now.
    """

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; 0 where it has passed."""
        return max(self._at - time.monotonic(), 0.0)

    def check(self) -> None:
        """Raises `ServiceError` (`TOO_LATE`) where it has passed."""
        if time.monotonic() >= self._at:
            raise ServiceError(TOO_LATE, "the request was not answered in time")
