"""A connection that posts JSON and reads what comes back: as little as a load generator needs."""

import asyncio
from typing import NamedTuple, cast


class Reply(NamedTuple):
    """Status code and body."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One request at a time over HTTP/1.1 with keep-alive."""

    def __init__(self, host: str, path: str) -> None:
        self._head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: ".encode()
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._reply: asyncio.Future[Reply] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._reply is None:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length and not self._reply.done():
            self._received = b""
            self._reply.set_result(Reply(int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ConnectionResetError("the server closed the connection"))

    @property
    def closed(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def post(self, body: bytes) -> "asyncio.Future[Reply]":
        """Sends a request; the reply to come."""
        assert self._transport is not None
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        return self._reply

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
