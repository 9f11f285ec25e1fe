"""The server as one object: builds the parts, loads the models, listens, watches, stops."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from components.records.serving_protos import model_server_config_pb2
from components.server.batching.batching import Batching
from components.server.calls import Calls
from components.server.core import ServerCore
from components.server.errors import StatusError
from components.server.grpc_listener import GrpcListener
from components.server.loading import Load, load_version
from components.server.manager import Manager
from components.server.options import ServerOptions
from components.server.rest.listener import RestListener
from components.server.text_config import MonitoringConfig, read_text_config

_log = logging.getLogger("arbiter.server")
_METRICS_PATH = "/monitoring/prometheus/metrics"


class ModelServer:
    """A model server that has its models loaded and listens.

    >>> with ModelServer.start(ServerOptions(model_config_file="...")) as server:   # doctest: +SKIP
    ...     print(server.address)
    """

    def __init__(self, options: ServerOptions, load: Load = load_version) -> None:
        """Prepares; use `start`. Raises `StatusError`: the batching parameters are none."""
        self._options = options
        self._batching = Batching.asked_for(options)
        self._manager = Manager(
            partial(load, options=options, batching=self._batching),
            free_first=options.resource_preserving_loads,
            max_retries=options.max_num_load_retries,
            retry_interval_s=max(options.load_retry_interval_micros, 0) / 1e6,
            threads=options.num_load_threads or 2,
        )
        self._core = ServerCore(
            self._manager, allow_labels_for_unavailable=options.allow_version_labels_for_unavailable_models
        )
        self._stopping = threading.Event()
        self._watchers: list[threading.Thread] = []
        self._grpc: GrpcListener | None = None
        self._rest: RestListener | None = None
        self.address = ""
        self.rest_address = ""

    @classmethod
    def start(cls, options: ServerOptions, *, load: Load = load_version) -> Self:
        """Loads the configured models, then listens.

        Args:
            load: Makes a servable of a version folder.

        Raises:
            StatusError: The config cannot be read or is refused, a model does not load, or the port is taken.
        """
        server = cls(options, load)
        try:
            server._core.reload(server._config())
            server._listen()
        except BaseException:
            server.stop()
            raise
        server._watch(options.file_system_poll_wait_seconds, server._core.poll)
        if options.model_config_file:
            server._watch(options.model_config_file_poll_wait_seconds, server._reload_file)
        return server

    def stop(self, grace_s: float = 5.0) -> None:
        """Refuses new calls, lets those under way finish within `grace_s`, frees the models."""
        self._stopping.set()
        for listener in (self._grpc, self._rest):
            if listener is not None:
                listener.stop(grace_s)
        self._manager.close()
        if self._batching is not None:
            self._batching.close()
        for watcher in self._watchers:
            watcher.join()
        if self._grpc is not None:
            self._grpc.join()  # not before: a reload under way waits for the manager

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _listen(self) -> None:
        calls = Calls(
            self._core,
            check_method_names=self._options.enable_signature_method_name_check,
            as_tensor_content=self._options.enable_serialization_as_tensor_content,
        )
        metrics_path = self._metrics_path()
        self._grpc = GrpcListener(calls, self._options)
        self.address = self._grpc.address
        port = self._options.rest_api_port
        if port == 0:
            return
        if port == self._options.port:
            _log.error(
                "rest_api_port cannot be same as port. Please use a different port for HTTP/REST API. "
                "Skipped exporting HTTP/REST API."
            )
            return
        try:
            self._rest = RestListener(
                calls,
                self._options.host,
                max(port, 0),
                threads=self._options.rest_api_num_threads,
                timeout_s=self._options.rest_api_timeout_in_ms / 1e3,
                cors=self._options.rest_api_enable_cors_support,
                metrics_path=metrics_path,
            )
        except OSError as error:
            _log.error("Failed to start HTTP Server at %s:%d: %s", self._options.host, port, error.strerror)
            return
        self.rest_address = self._rest.address
        _log.info("Exporting HTTP/REST API at:%s ...", self.rest_address)

    def _metrics_path(self) -> str:
        """Where Prometheus reads; empty where it does not."""
        if not self._options.monitoring_config_file:
            return ""
        config = read_text_config(self._options.monitoring_config_file, MonitoringConfig())
        if not config.prometheus_config.enable:
            return ""
        return config.prometheus_config.path or _METRICS_PATH

    def _config(self) -> model_server_config_pb2.ModelServerConfig:
        config = model_server_config_pb2.ModelServerConfig()
        if not self._options.model_config_file:
            config.model_config_list.config.add(
                name=self._options.model_name,
                base_path=self._options.model_base_path,
                model_platform="tensorflow",
            )
            return config
        return read_text_config(self._options.model_config_file, config)

    def _reload_file(self) -> None:
        self._core.reload(self._config(), wait=False)  # a model that never comes would hold all others up

    def _watch(self, wait_s: float, look: Callable[[], None]) -> None:
        if wait_s <= 0:
            return
        watcher = threading.Thread(target=self._keep_looking, args=(wait_s, look), daemon=True)
        self._watchers.append(watcher)
        watcher.start()

    def _keep_looking(self, wait_s: float, look: Callable[[], None]) -> None:
        while not self._stopping.wait(wait_s):
            try:
                look()
            except StatusError as error:
                _log.error("Failed to reload: %s", error)
