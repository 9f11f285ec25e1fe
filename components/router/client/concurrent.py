"""The client for asyncio."""

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


class AsyncRouterClient:
    """As `RouterClient`, of one event loop; make it within that."""

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
        self._channel = open_channel(grpc.aio, address, authority, pair)
        self._stub = router_pb2_grpc.RouterStub(self._channel)
        self._metadata = metadata(api_key)

    async def route(self, call: RouteCall) -> RouteAnswer:
        """Routes one request."""
        return read_answer(await self._call(self._stub.Route, write_call(call)))

    async def route_batch(self, calls: Sequence[RouteCall]) -> list[RouteResult]:
        """Routes several; one that is wrong has an error in place of an answer."""
        request = pb.RouteBatchRequest(requests=map(write_call, calls))
        answer = await self._call(self._stub.RouteBatch, request)
        return [read_result(each) for each in answer.results]

    async def feedback(self, call: FeedbackCall) -> FeedbackAnswer:
        """Says what came of a request; returns when that is on the router's disk."""
        answer = await self._call(self._stub.Feedback, write_feedback(call))
        return FeedbackAnswer(request_id=answer.request_id)

    async def close(self) -> None:
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, method: Any, request: Any) -> Any:
        try:
            return await method(request, timeout=self._timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise RouterError(error) from error
