"""The router's service as one object: its APIs on their ports, from start to the end of the last request."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from components.router.api import router_pb2_grpc
from components.router.service.attempt import Source
from components.router.service.core import RouterCore
from components.router.service.desk import Desk
from components.router.service.feedback.desk import FeedbackDesk
from components.router.service.http import HttpApi
from components.router.service.listener import HttpListener
from components.router.service.metrics import Metrics
from components.router.service.options import RouterOptions
from components.router.service.recall import Recall
from components.router.service.request_log import RequestLog
from components.router.service.rollout.shadow import Shadow
from components.router.service.rollout.tally import ROLLOUTS, Counts
from components.router.service.rpc import RouterService
from components.router.service.store import Store
from components.router.service.tls import grpc_credentials, http_context
from components.router.service.watcher import Watchers

_SERVICE = "arbiter.v1.Router"
_SPARE = 8
"""Threads of gRPC beyond what the gate admits, so that a refusal does not wait for an answer."""


class RouterServer:
    """Listens until it is closed.

    Args:
        source: Of the models; closed with the server.
        options: Limits and habits.
        store: Of customers and routed requests; closed with the server. Without one there is no feedback.
        feedback: Folder of the feedback's journal, and of what arms of rollouts did.
        requests: Folder of the request files that feedback becomes.
        host: To listen on.
        http_port: Of the REST API; 0 picks a free one.
        grpc_port: Of the gRPC API; 0 picks a free one; None: there is none.

    Raises:
        OSError: A port is taken, or a file of TLS is not what it should be.
    """

    def __init__(
        self,
        source: Source,
        options: RouterOptions,
        *,
        store: Store | None = None,
        feedback: Path | None = None,
        requests: Path | None = None,
        host: str = "127.0.0.1",
        http_port: int = 0,
        grpc_port: int | None = 0,
    ) -> None:
        self._source = source
        self._store = store
        metrics = Metrics()
        self._recall = None
        if store is not None:
            self._recall = Recall(store, remember_s=options.remember_s, lost=metrics.forgotten)
        self._feedback = self._counts = self._shadow = None
        if store is not None and self._recall is not None and feedback is not None:
            into = feedback / "requests" if requests is None else requests
            self._feedback = FeedbackDesk(feedback, into, self._recall, store, told=metrics.told)
            self._counts = Counts(feedback / ROLLOUTS, self._feedback.router)
            self._shadow = Shadow(self._counts, self._recall.remember)
        log = RequestLog(utterances=options.log_utterances)
        watchers = (metrics, log, self._recall, self._counts, self._shadow)
        core = RouterCore(source, options, store=store, watcher=Watchers(watchers))
        self._desk = Desk(core, self._feedback)
        metrics.watch(self._desk, source)
        if self._shadow is not None:
            self._shadow.start(self._desk)
        self._http = HttpApi(self._desk, metrics.page)
        self._listener = HttpListener(
            self._http.application(), host=host, port=http_port, tls=http_context(options)
        )
        self._health = health.HealthServicer()
        self._rpc = None if grpc_port is None else _rpc_server(self._desk, self._health)
        self.http_address = self._listener.address
        self.grpc_address: str | None = None
        if self._rpc is not None:
            try:
                port = _listen(self._rpc, f"{host}:{grpc_port}", options)
            except RuntimeError as error:
                self._listener.close()
                raise OSError(f"cannot listen on {host}:{grpc_port}: is the port taken?") from error
            self.grpc_address = f"{host}:{port}"

    def start(self) -> Self:
        self._listener.start()
        if self._rpc is not None:
            self._rpc.start()
        return self

    def close(self, grace_s: float = 5.0) -> None:
        """Refuses new requests, answers those under way within `grace_s`, ends every thread."""
        self._health.enter_graceful_shutdown()
        self._desk.drain(grace_s)
        if self._rpc is not None:
            self._rpc.stop(grace_s).wait()
        self._listener.close()
        self._http.close()
        self._desk.close()
        if self._shadow is not None:
            self._shadow.close()
        if self._counts is not None:
            self._counts.close()
        if self._feedback is not None:
            self._feedback.close()
        if self._recall is not None:
            self._recall.close()
        self._source.close()
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


def _listen(server: grpc.Server, wanted: str, options: RouterOptions) -> int:
    credentials = grpc_credentials(options)
    if credentials is None:
        return int(server.add_insecure_port(wanted))
    return int(server.add_secure_port(wanted, credentials))


def _rpc_server(desk: Desk, known: health.HealthServicer) -> grpc.Server:
    options = desk.options
    threads = desk.core.passes + options.most_waiting + _SPARE
    server = grpc.server(
        ThreadPoolExecutor(threads, thread_name_prefix="grpc"),
        options=(
            ("grpc.so_reuseport", 0),  # else two routers could share a port by mistake
            ("grpc.max_receive_message_length", options.max_body),
        ),
    )
    router_pb2_grpc.add_RouterServicer_to_server(RouterService(desk), server)
    for name in ("", _SERVICE):
        known.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(known, server)
    names = (_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    return server
