"""In front of the REST API: refuses requests to route before they are read, while there are too many, as a
refusal must cost little; and lets clients of a router that shuts down ask another.
"""

from functools import partial
from typing import Any

import msgspec

from components.router.service.desk import Desk
from components.router.service.errors import OVERLOADED, ServiceError
from components.router.service.gate import RETRY_S, TOO_MANY

RETRY_AFTER_MS = "retry-after-ms"
_SHED = frozenset({"/v1/route", "/v1/route_batch"})


class Shed:
    """An ASGI application in front of another.

    Args:
        application: Gets what is not refused.
        desk: Whose gate may be full, or closed.
    """

    def __init__(self, application: Any, desk: Desk) -> None:
        self._application = application
        self._desk = desk
        body = msgspec.json.encode({"error": TOO_MANY})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", b"1"),
            (RETRY_AFTER_MS.encode(), str(round(RETRY_S * 1e3)).encode()),
        ]
        self._start = {"type": "http.response.start", "status": OVERLOADED.http, "headers": headers}
        self._body = {"type": "http.response.body", "body": body}
        self._error = ServiceError(OVERLOADED, TOO_MANY, retry_s=RETRY_S)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] in _SHED and self._desk.gate.full:
            self._desk.refused(self._error)
            await send(self._start)
            await send(self._body)
        else:
            await self._application(scope, receive, partial(self._say, send))

    async def _say(self, send: Any, message: Any) -> None:
        if message["type"] == "http.response.start" and self._desk.gate.closed:
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)
