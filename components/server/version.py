"""One version of a model, and where it is in its life."""

import threading
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from components.server.errors import Failure

_CANCELLED = Failure(1, "Loading of servable cancelled")


class State(IntEnum):
    """As GetModelStatus numbers them."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


class VersionState(NamedTuple):
    """Where a version is in its life, and the error it died of, if one."""

    state: State
    failure: Failure | None


class Version:
    """One version of one model. All changes but `ended` are made under the manager's lock."""

    def __init__(self, model: str, number: int, path: Path) -> None:
        self.model, self.number, self.path = model, number, path
        self.state = State.START
        self.failure: Failure | None = None
        self.wanted = True
        self.queued = False
        self.attempts = 0
        self.retry: threading.Timer | None = None

    def cancelled(self) -> None:
        """Ends it before it was ever available."""
        self.failure = _CANCELLED if self.attempts else None
        self.ended()

    def ended(self) -> None:
        self.state = State.END

    def __str__(self) -> str:
        return f"{{name: {self.model} version: {self.number}}}"
