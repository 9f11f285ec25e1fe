"""Who is told of what the router does: metrics, logs, and who remembers requests for their feedback."""

from collections.abc import Iterable

from components.router.api.answers import RouteAnswer
from components.router.service.attempt import Attempt
from components.router.service.errors import ServiceError
from components.router.service.store import Routed


class Watcher:
    """Is told what happens, on the thread where it does. This one does nothing about it."""

    def asked(self, model: str, attempt: Attempt) -> None:
        """A model was asked."""

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        """A request was answered, so long after its call, or the batch that it is of, was begun."""

    def refused(self, error: ServiceError) -> None:
        """A call was not answered."""


class Watchers(Watcher):
    """Tells several."""

    def __init__(self, watchers: Iterable[Watcher | None]) -> None:
        self._watchers = tuple(watcher for watcher in watchers if watcher is not None)

    def asked(self, model: str, attempt: Attempt) -> None:
        for watcher in self._watchers:
            watcher.asked(model, attempt)

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        for watcher in self._watchers:
            watcher.answered(routed, answer, seconds)

    def refused(self, error: ServiceError) -> None:
        for watcher in self._watchers:
            watcher.refused(error)
