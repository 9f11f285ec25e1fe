"""Unary gRPC calls answered by the thread that received them, as TF Serving's own server does it.

`grpc.server` hands a call from the thread that polls to one of a pool, and its messages back and forth
between the two, which takes longer than many a model. This is made of the same operations of gRPC's core;
they are not in its public interface, and no other module knows of them.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import DecodeError
from grpc._cython import cygrpc

from components.server.errors import StatusError, internal, unimplemented, unknown

_log = logging.getLogger("arbiter.server")
_NO_FLAGS = 0
_NO_METADATA = None


class Method(NamedTuple):
    """A call of an API.

    Attributes:
        request: The class of its request.
        answer: From a request, and the seconds that its caller still waits (without a deadline: ages), to the
            response. Raises `StatusError`.
    """

    request: Any
    answer: Callable[[Any, float], Any]


class InPlace:
    """Has some methods of a server answered in place; what else the server has is answered by itself.

    Args:
        server: Not started yet; started and stopped with this.
        methods: By full name, `/package.Service/Method`.
        threads: Calls at a time, at most. Others wait until one of them has ended.
    """

    def __init__(self, server: grpc.Server, methods: Mapping[str, Method], *, threads: int) -> None:
        self._server = server
        self._core: Any = server._cy_server
        self._methods = methods
        self._most_threads = threads
        self._queue: Any = cygrpc.CompletionQueue()
        self._changed = threading.Condition()
        self._due = self._waiting = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._core.register_completion_queue(self._queue)
        for name in methods:
            self._core.register_method(name)

    def start(self) -> None:
        self._server.start()
        for name in self._methods:
            self._await_call(name)
        self._add_thread()

    def stop(self, grace_s: float) -> None:
        """Refuses new calls, lets those under way finish within `grace_s`; then their clients are told so."""
        with self._changed:
            self._stopping = True
        self._server.stop(grace_s).wait()

    def join(self) -> None:
        """After `stop`: waits for the calls that outlasted it, and ends every thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._due == 0)  # nothing may begin on a queue that is shut down
        self._queue.shutdown()
        for thread in self._threads:
            thread.join()

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"request_{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            event = self._next()
            if event.completion_type == cygrpc.CompletionType.queue_shutdown:
                return
            event.tag(event)
            with self._changed:
                self._due -= 1
                if self._stopping:
                    self._changed.notify_all()
            del event  # a thread that waits keeps no call alive

    def _next(self) -> Any:
        """Waits for what comes next, and sees to it that another thread does while this one is busy."""
        with self._changed:
            self._waiting += 1
        event = self._queue.poll()
        with self._changed:
            self._waiting -= 1
            if not self._waiting and not self._stopping and len(self._threads) < self._most_threads:
                self._add_thread()
        return event

    def _await_call(self, name: str) -> None:
        with self._changed:
            if self._stopping:
                return
            self._due += 1
            begin = partial(self._begin, name)
            self._core.request_registered_call(self._queue, self._queue, name, begin)

    def _batch(self, call: Any, operations: Sequence[Any], then: Callable[[Any], None]) -> None:
        with self._changed:
            self._due += 1
        call.start_server_batch(operations, then)

    def _begin(self, name: str, event: Any) -> None:
        if event.success:  # else the server is being stopped
            self._await_call(name)
            answer = partial(self._answer, name, event.call, event.call_details.deadline)
            self._batch(event.call, (cygrpc.ReceiveMessageOperation(_NO_FLAGS),), answer)

    def _answer(self, name: str, call: Any, deadline: float, event: Any) -> None:
        message = event.batch_operations[0].message()
        try:
            if message is None:  # the client went away, or ended the call without one
                raise unimplemented(f'"{name}" requires exactly one request message.')
            response = _answered(self._methods[name], message, deadline - time.time())
        except StatusError as error:
            self._batch(call, _answer_with(error.number, error.details), _nothing)
        else:
            send = cygrpc.SendMessageOperation(response, _NO_FLAGS)
            self._batch(call, (*_answer_with(cygrpc.StatusCode.ok, ""), send), _nothing)


def _answered(method: Method, message: bytes, seconds: float) -> bytes:
    """The serialized response. Raises `StatusError`."""
    try:
        request = method.request.FromString(message)
    except DecodeError as error:
        raise internal("Exception deserializing request!") from error
    try:
        response: bytes = method.answer(request, max(seconds, 0.0)).SerializeToString()
    except StatusError:
        raise
    except Exception as error:  # a fault of ours: the call fails, and the server goes on
        _log.exception("a call failed")
        raise unknown(f"Exception calling application: {error}") from error
    return response


def _answer_with(code: int, details: str) -> tuple[Any, ...]:
    """What ends a call, in one batch."""
    return (
        cygrpc.SendInitialMetadataOperation(_NO_METADATA, _NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(_NO_METADATA, code, details.encode(), _NO_FLAGS),
        cygrpc.ReceiveCloseOnServerOperation(_NO_FLAGS),
    )


def _nothing(_: Any) -> None:
    """The call has ended."""
