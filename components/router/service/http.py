"""The router's REST API, as an ASGI application."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from components.records.parse import parse_as
from components.router.api.calls import CustomerCall, FeedbackCall, RouteBatchCall, RouteCall
from components.router.service.deadline import Deadline
from components.router.service.desk import Desk, guarded
from components.router.service.errors import INVALID, UNAUTHENTICATED, ServiceError, Status
from components.router.service.openapi import openapi
from components.router.service.playground.page import playground
from components.router.service.shed import RETRY_AFTER_MS, Shed

API_KEY = "x-api-key"
TIMEOUT_MS = "x-timeout-ms"
JSON = "application/json"

_log = logging.getLogger("arbiter.router")
_DISK_THREADS = 8
_CUSTOMER = "/v1/customers/{customer_id:path}"
_Call = TypeVar("_Call", bound=msgspec.Struct)
_Answer = TypeVar("_Answer", bound=msgspec.Struct)
_encode = msgspec.json.Encoder().encode
_route_calls = msgspec.json.Decoder(RouteCall)
_batch_calls = msgspec.json.Decoder(RouteBatchCall)
_customer_calls = msgspec.json.Decoder(CustomerCall)
_feedback_calls = msgspec.json.Decoder(FeedbackCall)

Endpoint = Callable[[Request], Awaitable[Response]]


class HttpApi:
    """Answers HTTP requests at a desk.

    Args:
        desk: Where calls are taken in.
        metrics: The page of Prometheus.
    """

    def __init__(self, desk: Desk, metrics: Callable[[], bytes]) -> None:
        self._metrics_page = metrics
        self._desk = desk
        self._disk = ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="http-disk")

    def application(self) -> Shed:
        """The ASGI application."""
        application = Starlette(
            routes=[
                Route("/v1/route", self._endpoint(self._route), methods=["POST"]),
                Route("/v1/route_batch", self._endpoint(self._route_batch), methods=["POST"]),
                Route("/v1/feedback", self._endpoint(self._feedback), methods=["POST"]),
                Route(_CUSTOMER, self._endpoint(self._enable), methods=["PUT"]),
                Route(_CUSTOMER, self._endpoint(self._enabled), methods=["GET"]),
                Route("/", self._playground, methods=["GET"]),
                Route("/openapi.json", self._openapi, methods=["GET"]),
                Route("/metrics", self._metrics, methods=["GET"]),
                Route("/healthz", self._health, methods=["GET"]),
                Route("/readyz", self._ready, methods=["GET"]),
            ],
            exception_handlers={HTTPException: _http_error},
        )
        return Shed(application, self._desk)

    def close(self) -> None:
        """Ends the threads."""
        self._disk.shutdown()

    async def _route(self, request: Request) -> bytes:
        call = await self._read(request, _route_calls)
        deadline = self._deadline(request)
        return await self._in_turn(lambda: self._desk.route(call, deadline))

    async def _route_batch(self, request: Request) -> bytes:
        call = await self._read(request, _batch_calls)
        deadline = self._deadline(request)
        return await self._in_turn(lambda: self._desk.route_batch(call, deadline))

    async def _feedback(self, request: Request) -> bytes:
        call = await self._read(request, _feedback_calls)
        return await self._disk_work(lambda: _encode(self._desk.feedback(call)))

    async def _enable(self, request: Request) -> bytes:
        call = await self._read(request, _customer_calls)
        customer_id = _customer_id(request)
        return await self._disk_work(lambda: _encode(self._desk.enable(customer_id, call)))

    async def _enabled(self, request: Request) -> bytes:
        customer_id = _customer_id(request)
        return await self._disk_work(lambda: _encode(self._desk.enabled(customer_id)))

    async def _playground(self, request: Request) -> Response:
        page = playground()
        return Response(page.html, media_type="text/html", headers=page.headers)

    async def _openapi(self, request: Request) -> Response:
        return Response(openapi(), media_type=JSON)

    async def _metrics(self, request: Request) -> Response:
        return Response(self._metrics_page(), media_type=CONTENT_TYPE)

    async def _health(self, request: Request) -> Response:
        return Response(b"ok\n", media_type="text/plain")

    async def _ready(self, request: Request) -> Response:
        if self._desk.core.ready and not self._desk.gate.closed:
            return Response(b"ready\n", media_type="text/plain")
        return Response(b"not ready\n", status_code=503, media_type="text/plain")

    def _endpoint(self, answer: Callable[[Request], Awaitable[bytes]]) -> Endpoint:
        """Checks the key, and says in JSON what goes wrong."""

        async def endpoint(request: Request) -> Response:
            try:
                self._authenticate(request)
                return Response(await answer(request), media_type=JSON)
            except ServiceError as error:
                self._desk.refused(error)
                return _refusal(error)
            except ClientDisconnect:
                return Response(status_code=499)

        return endpoint

    def _authenticate(self, request: Request) -> None:
        key = self._desk.options.api_key
        if key is not None:
            given = request.headers.get(API_KEY, "")
            if not hmac.compare_digest(given.encode("latin-1", "replace"), key.encode()):
                raise ServiceError(UNAUTHENTICATED, f"the header {API_KEY} must hold the router's key")

    async def _disk_work(self, work: Callable[[], bytes]) -> bytes:
        """Has a thread do it that may wait for a disk."""
        with self._desk.disk_gate.admitted():
            return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    async def _in_turn(self, ask: Callable[[], "Future[_Answer]"]) -> bytes:
        """The answer, where the gate admits the call."""
        with self._desk.gate.admitted(), guarded():
            return _encode(await asyncio.wrap_future(ask()))

    async def _read(self, request: Request, decoder: "msgspec.json.Decoder[_Call]") -> _Call:
        body = await self._body(request)
        with guarded():
            return parse_as(body, decoder)

    async def _body(self, request: Request) -> bytes:
        """The body, read only as far as it may go, and in time."""
        most = self._desk.options.max_body
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            raise _too_large(most)
        body = bytearray()
        try:
            async with asyncio.timeout(self._desk.options.timeout_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > most:
                        raise _too_large(most)
        except TimeoutError as error:
            raise ServiceError(Status(INVALID.grpc, 408), "the body did not come in time") from error
        return bytes(body)

    def _deadline(self, request: Request) -> Deadline:
        given = request.headers.get(TIMEOUT_MS)
        if given is None:
            return self._desk.deadline()
        if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) > 0):
            raise ServiceError(INVALID, f"the header {TIMEOUT_MS} must be a whole number of milliseconds")
        return self._desk.deadline(int(given) / 1e3)


def _customer_id(request: Request) -> str:
    """As the address has it. What is no UTF-8 would come as a sign that stands for any of it."""
    try:
        unquote_to_bytes(request.scope["raw_path"]).decode()
    except UnicodeDecodeError as error:
        raise ServiceError(INVALID, "`customer_id` must be UTF-8") from error
    customer_id: str = request.path_params["customer_id"]
    return customer_id


def _too_large(most: int) -> ServiceError:
    return ServiceError(Status(INVALID.grpc, 413), f"the body must have at most {most} bytes")


def _refusal(error: ServiceError) -> Response:
    headers = {}
    if error.retry_s is not None:
        headers = {
            "retry-after": str(max(round(error.retry_s), 1)),
            RETRY_AFTER_MS: str(round(error.retry_s * 1e3)),
        }
    return _said(error.status.http, str(error), headers)


async def _http_error(request: Request, error: Exception) -> Response:
    """Of an address or method that there is not."""
    assert isinstance(error, HTTPException)
    return _said(error.status_code, error.detail, dict(error.headers or {}))


def _said(status: int, message: str, headers: dict[str, str]) -> Response:
    return Response(
        msgspec.json.encode({"error": message}), status_code=status, headers=headers, media_type=JSON
    )
