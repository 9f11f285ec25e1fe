"""The client for threads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import grpc

from components.router.api import router_pb2 as pb
from components.router.api import router_pb2_grpc
from components.router.api.answers import FeedbackAnswer, RouteAnswer, RouteResult
from components.router.api.calls import FeedbackCall, RouteCall
from components.router.api.proto import read_answer, read_result, write_call, write_feedback
from components.router.client.channel import RouterError, checked_timeout, metadata, open_channel


class RouterClient:
    """One connection to a router, kept open and shared by threads.

    >>> with RouterClient("localhost:8081") as router:                        # doctest: +SKIP
    ...     answer = router.route(RouteCall(utterance="play jazz", device="tv"))
    ...     router.feedback(FeedbackCall(request_id=answer.request_id, outcome="handled"))

    Args:
        address: `host:port` of the router's gRPC API.
        timeout_s: Deadline of each call, its retries included.
        api_key: The router's key, where it wants one.
        authority, pair: For TLS; see `channel.open_channel`.

    Every method raises `RouterError`.
    """

    def __init__(
        self,
        address: str,
        *,
        timeout_s: float = 2.0,
        api_key: str | None = None,
        authority: Path | None = None,
        pair: tuple[Path, Path] | None = None,
    ) -> None:
        self._timeout_s = checked_timeout(timeout_s)
        self._channel = open_channel(grpc, address, authority, pair)
        self._stub = router_pb2_grpc.RouterStub(self._channel)
        self._metadata = metadata(api_key)

    def route(self, call: RouteCall) -> RouteAnswer:
        """Routes one request."""
        return read_answer(self._call(self._stub.Route, write_call(call)))

    def route_batch(self, calls: Sequence[RouteCall]) -> list[RouteResult]:
        """Routes several; one that is wrong has an error in place of an answer."""
        request = pb.RouteBatchRequest(requests=map(write_call, calls))
        return [read_result(each) for each in self._call(self._stub.RouteBatch, request).results]

    def feedback(self, call: FeedbackCall) -> FeedbackAnswer:
        """Says what came of a request; returns when that is on the router's disk."""
        answer = self._call(self._stub.Feedback, write_feedback(call))
        return FeedbackAnswer(request_id=answer.request_id)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, method: Any, request: Any) -> Any:
        try:
            return method(request, timeout=self._timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise RouterError(error) from error
