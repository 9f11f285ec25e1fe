"""Listens for REST calls in a thread of its own."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import uvicorn

from components.server.calls import Calls
from components.server.rest.api import RestApi
from components.server.rest.app import RestApp

_BACKLOG = 2048
_KEEP_ALIVE_S = 50  # as TF Serving's HTTP library


class RestListener:
    """An HTTP server that runs until `stop`.

    Args:
        calls: What the paths lead to.
        host, port: Where it listens; port 0 picks a free one.
        threads: Calls at a time.
        timeout_s, cors, metrics_path: See `RestApp`.

    Raises:
        OSError: The address cannot be had.
    """

    def __init__(
        self,
        calls: Calls,
        host: str,
        port: int,
        *,
        threads: int,
        timeout_s: float = 30.0,
        cors: bool = False,
        metrics_path: str = "",
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self.address = f"{host}:{self._socket.getsockname()[1]}"
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="rest")
        app = RestApp(RestApi(calls), self._pool, timeout_s=timeout_s, cors=cors, metrics_path=metrics_path)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="rest")
        self._thread.start()

    def stop(self, grace_s: float) -> None:
        """Takes no more calls, lets those under way finish within `grace_s`."""
        self._server.config.timeout_graceful_shutdown = max(1, round(grace_s))
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(5.0)
