"""Takes calls in for both APIs: admits them, gives them a turn and a deadline, turns mistakes into codes."""

import logging
from collections.abc import Callable
from typing import TypeVar

from components.records.errors import RecordError
from components.router.api.answers import RouteAnswer, RouteBatchAnswer
from components.router.api.calls import RouteBatchCall, RouteCall
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.errors import INTERNAL, INVALID, ServiceError
from components.router.service.gate import Gate
from components.router.service.limits import check_batch
from components.router.service.options import RouterOptions

_log = logging.getLogger("arbiter.router")
_Result = TypeVar("_Result")


class Desk:
    """What can be asked of the router, a method each; all may raise `ServiceError` and nothing else.

    Args:
        core: Routes.
        gate: Of all requests.
    """

    def __init__(self, core: RouterCore, gate: Gate) -> None:
        self.core = core
        self.gate = gate

    @property
    def options(self) -> RouterOptions:
        return self.core.options

    def deadline(self, seconds: float | None = None) -> Deadline:
        """When a call is given up: after the client's seconds, if those are fewer than the router's."""
        longest = self.options.timeout_s
        return Deadline(longest if seconds is None else min(max(seconds, 0.0), longest))

    def route(self, call: RouteCall, deadline: Deadline) -> RouteAnswer:
        """Needs to be admitted by the gate before, as the next one."""
        return self._in_turn(lambda: self.core.route(call, deadline), deadline)

    def route_batch(self, call: RouteBatchCall, deadline: Deadline) -> RouteBatchAnswer:
        def answer() -> RouteBatchAnswer:
            check_batch(call, self.options)
            return RouteBatchAnswer(results=tuple(self.core.route_batch(call.requests, deadline)))

        return self._in_turn(answer, deadline)

    def _in_turn(self, work: Callable[[], _Result], deadline: Deadline) -> _Result:
        with self.gate.slot(deadline):
            return guarded(work)


def guarded(work: Callable[[], _Result]) -> _Result:
    """What `work` returns; a mistake of the caller's as `INVALID`, what nobody foresaw as `INTERNAL`, the
    latter without a word on it to the client."""
    try:
        return work()
    except ServiceError:
        raise
    except RecordError as error:
        raise ServiceError(INVALID, str(error)) from error
    except Exception as error:
        _log.exception("a call failed")
        raise ServiceError(INTERNAL, "internal error") from error
