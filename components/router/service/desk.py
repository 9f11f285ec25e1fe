"""Takes calls in for both APIs: admits them, gives them a turn and a deadline, turns mistakes into codes."""

import logging
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from components.records.errors import RecordError
from components.records.fields import check_text
from components.router.api.answers import (
    CustomerAnswer,
    FeedbackAnswer,
    RouteAnswer,
    RouteBatchAnswer,
    RouteResult,
)
from components.router.api.calls import CustomerCall, FeedbackCall, RouteBatchCall, RouteCall
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.errors import INTERNAL, INVALID, UNAVAILABLE, UNIMPLEMENTED, ServiceError
from components.router.service.feedback.desk import FeedbackDesk
from components.router.service.gate import Gate
from components.router.service.limits import check_batch, check_customer, check_feedback
from components.router.service.options import RouterOptions
from components.router.service.store import Store, StoreError
from components.router.service.turns import Found, Turns

_log = logging.getLogger("arbiter.router")
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
        self.gate = Gate(core.passes, options.most_waiting, options.most_wait_s)
        self._turns = Turns(core.route, self.gate.took, threads=core.passes, together=options.most_together)
        self.disk_gate = Gate(_WRITING, _MOST_WRITING)
        self._feedback = feedback

    @property
    def options(self) -> RouterOptions:
        return self.core.options

    def deadline(self, seconds: float | None = None) -> Deadline:
        """When a call is given up: after the client's seconds, if those are fewer than the router's."""
        longest = self.options.timeout_s
        return Deadline(longest if seconds is None else min(max(seconds, 0.0), longest))

    def route(self, call: RouteCall, deadline: Deadline) -> "Future[RouteAnswer]":
        """Needs to be admitted by `gate` before, as the next one."""
        return self._turns.ask((call,), deadline, _only)

    def route_batch(self, call: RouteBatchCall, deadline: Deadline) -> "Future[RouteBatchAnswer]":
        with guarded():
            check_batch(call, self.options)
        return self._turns.ask(call.requests, deadline, _results)

    def feedback(self, call: FeedbackCall) -> FeedbackAnswer:
        """Needs to be admitted by `disk_gate` before."""

        if self._feedback is None:
            raise ServiceError(UNIMPLEMENTED, "this router keeps no feedback")
        with guarded():
            check_feedback(call, self.options)
            return self._feedback.take(call)

    def enabled(self, customer_id: str) -> CustomerAnswer:
        """What the store knows of a customer. Needs to be admitted by `disk_gate` before."""
        with guarded():
            return CustomerAnswer(enabled_skills=self._kept().enabled(_customer(customer_id)))

    def enable(self, customer_id: str, call: CustomerCall) -> CustomerAnswer:
        """Replaces what the store knows. Needs to be admitted by `disk_gate` before."""

        with guarded():
            check_customer(call, self.options)
            self._kept().enable(_customer(customer_id), call.enabled_skills)
            return CustomerAnswer(enabled_skills=call.enabled_skills)

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

    def close(self) -> None:
        """Ends the threads, once all calls are answered."""
        self._turns.close()


@contextmanager
def guarded() -> Iterator[None]:
    """Turns a mistake of the caller's into `INVALID`, and what nobody foresaw into `INTERNAL`, the latter
    without a word on it to the client."""
    try:
        yield
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


def _only(found: Found) -> RouteAnswer:
    (result,) = found
    if isinstance(result, RecordError):
        raise result
    return result


def _results(found: Found) -> RouteBatchAnswer:
    return RouteBatchAnswer(
        results=tuple(
            RouteResult(error=str(result)) if isinstance(result, RecordError) else RouteResult(answer=result)
            for result in found
        )
    )


def _customer(customer_id: str) -> str:
    check_text("customer_id", customer_id, required=True)
    return customer_id
