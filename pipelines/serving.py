"""`arbiter serve`: the model server and the router in one process, which load each model once."""

import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from components.records.live_server import announce, withdraw
from components.records.servable import Servable
from components.records.shared_servables import SharedServables
from components.router.service.attempt import Source
from components.router.service.in_process import InProcess
from components.router.service.json_log import log_to_stderr
from components.router.service.options import RouterOptions
from components.router.service.over_grpc import OverGrpc
from components.router.service.service import RouterServer
from components.router.service.store.open import open_store
from components.server.batching.batching import Batching
from components.server.loading import load_version
from components.server.main import answer_promptly, wait_for
from components.server.options import ServerOptions
from components.server.serve import workspace_options
from components.server.server import ModelServer
from pipelines.workspace import Workspace

_STORE = "store.sqlite"
_REQUESTS = "requests"


class Ports(NamedTuple):
    """Where to listen; 0 picks a free port.

    Attributes:
        grpc, rest: Of the model server; a `rest` of 0 is no REST API.
        http, router_grpc: Of the router.
    """

    grpc: int = 8500
    rest: int = 8501
    http: int = 8080
    router_grpc: int = 8081


def serve(
    workspace: Workspace,
    ports: Ports,
    options: RouterOptions,
    *,
    host: str = "127.0.0.1",
    server: str | None = None,
    store: str | None = None,
    data: Path | None = None,
) -> int:
    """Serves a workspace until SIGTERM or SIGINT, then answers what is under way and ends.

    Prints a line for each server when it answers.

    Args:
        server: Address of model servers for the router to ask; None: it asks the models in this process,
            which serves them too.
        store: URL of a Postgres database; None: a file in the workspace.
        data: The dataset that feedback is added to; None: a folder of request files in the workspace.

    Returns: The exit status.
    Raises:
        ValueError: Nothing has been pushed into the workspace, or it was moved.
        StatusError, StoreError, OSError: A server could not start; the message says why.
    """
    serving_dir = workspace.serving.absolute()
    served = workspace_options(serving_dir, ports.grpc, rest_port=ports.rest, host=host)
    folder = workspace.router
    log_to_stderr()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with ExitStack() as stack:
        loader = _Loader(served)
        source: Source
        if server is None:
            source = InProcess(serving_dir, load=loader.for_router, poll_s=options.poll_s)
            running = stack.enter_context(ModelServer.start(served, load=loader.for_server))
            announce(serving_dir, running.address)
            stack.callback(withdraw, serving_dir)
            print(f"Running gRPC ModelServer at {running.address} ...", flush=True)
            if running.rest_address:
                print(f"Exporting HTTP/REST API at {running.rest_address} ...", flush=True)
        else:
            source = OverGrpc(server, serving_dir, timeout_s=options.model_timeout_s)
        router = stack.enter_context(
            RouterServer(
                source,
                options,
                store=open_store(folder / _STORE if store is None else store),
                feedback=workspace.feedback,
                requests=folder / _REQUESTS if data is None else data / _REQUESTS,
                host=host,
                http_port=ports.http,
                grpc_port=ports.router_grpc,
            )
        )
        answer_promptly()
        url = f"{'http' if options.tls_certificate is None else 'https'}://{router.http_address}"
        print(f"Running router at {url}, gRPC {router.grpc_address} ...", flush=True)
        wait_for(stopped)
    return 0


class _Loader:
    """Loads a version for both servers once, by the model server's own checks."""

    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._shared = SharedServables()

    def for_router(self, folder: Path) -> Servable:
        return self._shared.load(folder, lambda path: load_version(path, self._options))

    def for_server(self, folder: Path, options: ServerOptions, batching: Batching | None) -> Servable:
        """The server of a workspace batches nothing."""
        return self.for_router(folder)
