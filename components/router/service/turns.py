"""Answers calls in their turn, those together that wait: requests cost less in a batch than one by one, so
the more wait, the less each takes. None waits for another to come.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from components.records.errors import RecordError
from components.router.api.answers import RouteAnswer
from components.router.api.calls import RouteCall
from components.router.service.deadline import Deadline

Found = list[RouteAnswer | RecordError]
"""What becomes of calls, in their order."""
Answer = Callable[[Sequence[RouteCall], Deadline], Found]

_Result = TypeVar("_Result")
_HURRIED = 0.5
"""Who has less than this share of the time that another has left is in a hurry beside it."""


class _Waiting(NamedTuple, Generic[_Result]):
    """Calls that came together, and who waits for them."""

    calls: Sequence[RouteCall]
    deadline: Deadline
    read: Callable[[Found], _Result]
    result: "Future[_Result]"

    def settle(self, found: Found) -> None:
        try:
            self.result.set_result(self.read(found))
        except Exception as error:  # what is wrong with the call is for its caller
            self.result.set_exception(error)


class Turns:
    """Has threads answer calls, those first that came first.

    Args:
        answer: Answers calls until the deadline.
        took: Told, after each turn, how many seconds it took for each of those who shared it.
        threads: Turns at a time.
        together: Calls that share a turn at most; those that came together do, however many.
    """

    def __init__(self, answer: Answer, took: Callable[[float], None], *, threads: int, together: int) -> None:
        self._answer = answer
        self._took = took
        self._together = together
        self._waiting: deque[_Waiting[Any]] = deque()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="route")

    def ask(
        self, calls: Sequence[RouteCall], deadline: Deadline, read: Callable[[Found], _Result]
    ) -> "Future[_Result]":
        """What `read` makes of what becomes of the calls, once they have had their turn, or why it failed.

        The deadline of a turn is the earliest of its calls', so those in a hurry share none with others. Nor
        do those that want an explanation, which says how long each stage took, and those that say to which
        skills they may go, for which all skills are ranked.
        """
        waiting = _Waiting(calls, deadline, read, Future())
        with self._lock:
            self._waiting.append(waiting)
        self._pool.submit(self._turn)
        return waiting.result

    def close(self) -> None:
        """Ends the threads, once all calls are answered."""
        self._pool.shutdown()

    def _turn(self) -> None:
        together = self._next()
        if not together:
            return  # they were answered with those before
        began = time.monotonic()
        self._settle(together)
        self._took((time.monotonic() - began) / len(together))

    def _next(self) -> list[_Waiting[Any]]:
        """Who came first, and those after it that may share its turn."""
        found: list[_Waiting[Any]] = []
        with self._lock:
            while self._waiting and (not found or self._shares(found, self._waiting[0])):
                waiting = self._waiting.popleft()
                if waiting.result.set_running_or_notify_cancel():  # else nobody waits for it any more
                    found.append(waiting)
        return found

    def _shares(self, found: Sequence[_Waiting[Any]], other: _Waiting[Any]) -> bool:
        if sum(len(each.calls) for each in (*found, other)) > self._together:
            return False
        if any(call.explain or call.skills for each in (*found, other) for call in each.calls):
            return False
        left = [each.deadline.left() for each in (*found, other)]
        return min(left) >= _HURRIED * max(left)

    def _settle(self, together: Sequence[_Waiting[Any]]) -> None:
        """Answers calls together; where that fails each for itself, so that none pays for another."""
        calls = [call for each in together for call in each.calls]
        try:
            found = iter(self._answer(calls, min((each.deadline for each in together), key=Deadline.left)))
        except Exception as error:
            if len(together) == 1:
                together[0].result.set_exception(error)
            else:
                for each in together:
                    self._settle((each,))
            return
        for each in together:
            each.settle(list(islice(found, len(each.calls))))
