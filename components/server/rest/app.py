"""The REST API and the Prometheus page as an ASGI application."""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from grpc import StatusCode

from components.server import metrics
from components.server.deadline import answering_within
from components.server.rest.api import Answer, RestApi, http_code
from components.server.rest.json_writer import error_body
from components.server.rest.routes import is_api

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_GZIP_WINDOW = 31
_MAX_UNZIPPED = 100 * 2**20
_JSON = (b"content-type", b"application/json")
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, GET"),
    (b"access-control-allow-headers", b"Content-Type"),
]
_PAGES = {404: b"Not Found", 501: b"Not Implemented"}
_METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")


class RestApp:
    """Reads requests, has them answered in `pool`, and records how they ended.

    Args:
        timeout_s: What a call may take; 0: any time.
        cors: Tells browsers that pages of other origins may call.
        metrics_path: Where Prometheus reads; empty: nowhere.
    """

    def __init__(
        self, api: RestApi, pool: ThreadPoolExecutor, *, timeout_s: float, cors: bool, metrics_path: str
    ) -> None:
        self._api = api
        self._pool = pool
        self._timeout_s = timeout_s or None
        self._cors = _CORS if cors else []
        self._metrics_path = metrics_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        target = f"{path}?{query}" if query else path
        if scope["method"] not in _METHODS:
            return await _page(send, 501)
        if self._metrics_path and path == self._metrics_path:
            return await self._show_metrics(send, target)
        if not is_api(target):
            return await _page(send, 404)
        body = await _body(receive)
        if body is None:
            return None
        start = time.perf_counter()
        if scope["method"] == "OPTIONS":
            answer, headers = _preflight(scope["headers"]), []
        else:
            zipped = any(b"gzip" in value for value in _values(scope["headers"], b"content-encoding"))
            answer, headers = await self._answer(scope["method"], target, body, zipped), [_JSON]
        metrics.REQUEST_COUNT.add(answer.model, answer.code.name)
        if answer.code is StatusCode.OK:
            micros = (time.perf_counter() - start) * 1e6
            metrics.REQUEST_LATENCY.add(micros, answer.model, answer.verb, "REST")
        return await _send(send, http_code(answer.code), headers + self._cors, answer.body)

    async def _answer(self, method: str, target: str, body: bytes, zipped: bool) -> Answer:
        run = asyncio.get_running_loop().run_in_executor
        try:
            async with asyncio.timeout(self._timeout_s):
                return await run(self._pool, self._call, method, target, body, zipped)
        except TimeoutError:  # the call ends by itself, and nobody hears of it
            return Answer(StatusCode.DEADLINE_EXCEEDED, error_body("Timed out waiting for notification"))

    def _call(self, method: str, target: str, body: bytes, zipped: bool) -> Answer:
        with answering_within(self._timeout_s):
            return self._api.answer(method, target, _unzipped(body) if zipped else body)

    async def _show_metrics(self, send: Send, target: str) -> None:
        plain = (b"content-type", b"text/plain")
        if target == self._metrics_path:
            return await _send(send, 200, [plain], metrics.page().encode())
        wrong = f"Unexpected path: {target}. Should be {self._metrics_path}"
        return await _send(send, 400, [plain], wrong.encode())


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where the client went away."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _unzipped(body: bytes) -> bytes:
    """A gzip body; what is none, or too large, counts as empty."""
    reader = zlib.decompressobj(_GZIP_WINDOW)
    try:
        content = reader.decompress(body, _MAX_UNZIPPED)
    except zlib.error:
        return b""
    return content if reader.eof else b""


def _preflight(headers: Iterable[tuple[bytes, bytes]]) -> Answer:
    """What a browser asks before a call from a page of another origin."""
    origins = _values(headers, b"origin")
    known = any(b"http://" in origin or b"https://" in origin for origin in origins)
    return Answer(StatusCode.OK if known else StatusCode.FAILED_PRECONDITION, b"")


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in headers if key == name]


async def _page(send: Send, status: int) -> None:
    """What TF Serving's HTTP library answers itself."""
    reason = _PAGES[status]
    page = b"<HTML><HEAD>\n<TITLE>%d %b</TITLE>\n</HEAD><BODY>\n<H1>%b</H1>\n</BODY></HTML>\n"
    headers = [(b"content-type", b"text/html"), (b"connection", b"close")]
    await _send(send, status, headers, page % (status, reason, reason))


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
