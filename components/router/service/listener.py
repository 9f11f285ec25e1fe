"""An ASGI application on a socket, in a thread of its own that ends when it is told to."""

import asyncio
import socket
import ssl
import threading
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_BACKLOG = 2048
_IDLE_S = 75
_CONNECTIONS = 4096


class _Protocol(HttpToolsProtocol):
    """Drops a connection whose first request does not come: uvicorn itself waits for it for ever."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(_IDLE_S, self.timeout_keep_alive_handler)


class HttpListener:
    """Serves an application until it is closed.

    Args:
        application: ASGI.
        host, port: Where; port 0 picks a free one.
        tls: For HTTPS.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, application: Any, *, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._socket = socket.create_server((host, port), backlog=_BACKLOG)
        self.address = f"{host}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            application,
            http=_Protocol,
            loop="uvloop",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=_IDLE_S,
            ssl_context_factory=None if tls is None else lambda config, default: tls,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        """Takes no more connections, answers what is under way, ends."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(self._server.serve([self._socket]))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
