"""The router's gRPC API, `arbiter.v1.Router`."""

import hmac
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from components.router.api import router_pb2 as pb
from components.router.api import router_pb2_grpc
from components.router.api.calls import RouteBatchCall
from components.router.api.proto import read_call, read_feedback, write_answer, write_result
from components.router.service.deadline import Deadline
from components.router.service.desk import Desk, guarded
from components.router.service.errors import UNAUTHENTICATED, ServiceError
from components.router.service.gate import Gate

API_KEY = "x-api-key"
PUSHBACK = "grpc-retry-pushback-ms"
"""Trailing metadata: when a client of gRPC tries again by itself."""

_Message = TypeVar("_Message")


class RouterService(router_pb2_grpc.RouterServicer):
    """Answers RPCs at a desk.

    Args:
        desk: Where calls are taken in.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def Route(self, request: pb.RouteRequest, context: Any) -> pb.RouteResponse:  # noqa: N802
        def answer(deadline: Deadline) -> pb.RouteResponse:
            return write_answer(self._desk.route(read_call(request), deadline).result())

        return self._answered(context, answer, self._desk.gate)

    def RouteBatch(self, request: pb.RouteBatchRequest, context: Any) -> pb.RouteBatchResponse:  # noqa: N802
        def answer(deadline: Deadline) -> pb.RouteBatchResponse:
            call = RouteBatchCall(requests=tuple(map(read_call, request.requests)))
            answered = self._desk.route_batch(call, deadline).result()
            return pb.RouteBatchResponse(results=map(write_result, answered.results))

        return self._answered(context, answer, self._desk.gate)

    def Feedback(self, request: pb.FeedbackRequest, context: Any) -> pb.FeedbackResponse:  # noqa: N802
        def answer(deadline: Deadline) -> pb.FeedbackResponse:
            return pb.FeedbackResponse(request_id=self._desk.feedback(read_feedback(request)).request_id)

        return self._answered(context, answer, self._desk.disk_gate)

    def _answered(self, context: Any, answer: Callable[[Deadline], _Message], gate: Gate) -> _Message:
        try:
            self._authenticate(context)
            deadline = self._desk.deadline(context.time_remaining())
            with gate.admitted(), guarded():
                return answer(deadline)
        except ServiceError as error:
            self._desk.refused(error)
            _abort(context, error)

    def _authenticate(self, context: Any) -> None:
        key = self._desk.options.api_key
        if key is not None:
            given = dict(context.invocation_metadata()).get(API_KEY, "")
            if not hmac.compare_digest(str(given).encode(), key.encode()):
                raise ServiceError(UNAUTHENTICATED, f"the metadata {API_KEY} must hold the router's key")


def _abort(context: Any, error: ServiceError) -> NoReturn:
    if error.retry_s is not None:
        context.set_trailing_metadata(((PUSHBACK, str(round(error.retry_s * 1e3))),))
    context.abort(error.status.grpc, str(error))
    raise AssertionError("abort raises")
