"""Takes calls in for both APIs: admits them, gives them a turn and a deadline, turns mistakes into codes."""

import logging
from collections.abc import Callable
from typing import TypeVar

from components.records.errors import RecordError
from components.records.fields import check_text
from components.router.api.answers import CustomerAnswer, FeedbackAnswer, RouteAnswer, RouteBatchAnswer
from components.router.api.calls import CustomerCall, FeedbackCall, RouteBatchCall, RouteCall
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.errors import INTERNAL, INVALID, UNAVAILABLE, UNIMPLEMENTED, ServiceError
from components.router.service.feedback.desk import FeedbackDesk
from components.router.service.gate import Gate
from components.router.service.limits import check_batch, check_customer, check_feedback
from components.router.service.options import RouterOptions
from components.router.service.store import Store, StoreError

_log = logging.getLogger("arbiter.router")
_Result = TypeVar("_Result")
_WRITING, _MOST_WRITING = 8, 56
_RETRY_S = 1.0


class Desk:
    """What can be asked of the router, a method each; all may raise `ServiceError` and nothing else.

    Args:
        core: Routes.
        feedback: Takes feedback; None: nobody does.
    """

    def __init__(self, core: RouterCore, feedback: FeedbackDesk | None = None) -> None:
        self.core = core
        options = core.options
        self.gate = Gate(options.threads, options.most_waiting, options.most_wait_s)
        self.disk_gate = Gate(_WRITING, _MOST_WRITING)
        self._feedback = feedback

    @property
    def options(self) -> RouterOptions:
        return self.core.options

    def deadline(self, seconds: float | None = None) -> Deadline:
        """When a call is given up: after the client's seconds, if those are fewer than the router's."""
        longest = self.options.timeout_s
        return Deadline(longest if seconds is None else min(max(seconds, 0.0), longest))

    def route(self, call: RouteCall, deadline: Deadline) -> RouteAnswer:
        """Needs to be admitted by `gate` before, as the next one."""
        return self._in_turn(lambda: self.core.route(call, deadline), deadline)

    def route_batch(self, call: RouteBatchCall, deadline: Deadline) -> RouteBatchAnswer:
        def answer() -> RouteBatchAnswer:
            check_batch(call, self.options)
            return RouteBatchAnswer(results=tuple(self.core.route_batch(call.requests, deadline)))

        return self._in_turn(answer, deadline)

    def feedback(self, call: FeedbackCall) -> FeedbackAnswer:
        """Needs to be admitted by `disk_gate` before."""

        def take() -> FeedbackAnswer:
            if self._feedback is None:
                raise ServiceError(UNIMPLEMENTED, "this router keeps no feedback")
            check_feedback(call, self.options)
            return self._feedback.take(call)

        return guarded(take)

    def enabled(self, customer_id: str) -> CustomerAnswer:
        """What the store knows of a customer. Needs to be admitted by `disk_gate` before."""
        return guarded(lambda: CustomerAnswer(enabled_skills=self._kept().enabled(_customer(customer_id))))

    def enable(self, customer_id: str, call: CustomerCall) -> CustomerAnswer:
        """Replaces what the store knows. Needs to be admitted by `disk_gate` before."""

        def enable() -> CustomerAnswer:
            check_customer(call, self.options)
            self._kept().enable(_customer(customer_id), call.enabled_skills)
            return CustomerAnswer(enabled_skills=call.enabled_skills)

        return guarded(enable)

    def _kept(self) -> Store:
        if self.core.store is None:
            raise ServiceError(UNIMPLEMENTED, "this router keeps nothing of customers")
        return self.core.store

    def refused(self, error: ServiceError) -> None:
        """Counts a call that is not answered."""
        self.core.watcher.refused(error)

    def drain(self, timeout_s: float) -> bool:
        """Refuses new calls and waits for those inside. Returns whether all were answered."""
        until = Deadline(timeout_s)
        routed = self.gate.drain(until.left())
        return self.disk_gate.drain(until.left()) and routed

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
    except StoreError as error:
        _log.error("the store does not answer: %s", error)
        raise ServiceError(UNAVAILABLE, "the store does not answer", retry_s=_RETRY_S) from error
    except Exception as error:
        _log.exception("a call failed")
        raise ServiceError(INTERNAL, "internal error") from error


def _customer(customer_id: str) -> str:
    check_text("customer_id", customer_id, required=True)
    return customer_id
