"""The server as one object: builds the parts, loads the models, listens, watches, stops."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Self

import grpc
from google.protobuf import text_format

from components.records.serving_protos import (
    model_server_config_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)
from components.server.calls import Calls
from components.server.core import ServerCore
from components.server.errors import StatusError, invalid_argument, unknown
from components.server.loading import load_version
from components.server.manager import Manager
from components.server.options import ServerOptions
from components.server.service import ModelService, PredictionService

_log = logging.getLogger("arbiter.server")
_GRPC_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # else two servers could share a port by mistake
)


class ModelServer:
    """A model server that has its models loaded and listens.

    >>> with ModelServer.start(ServerOptions(model_config_file="...")) as server:   # doctest: +SKIP
    ...     print(server.address)
    """

    def __init__(self, options: ServerOptions) -> None:
        """Prepares; use `start`."""
        self._options = options
        self._manager = Manager(
            partial(load_version, options=options),
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
        threads = 4 * (os.cpu_count() or 1)
        self._grpc = grpc.server(
            ThreadPoolExecutor(threads, thread_name_prefix="request"), options=_GRPC_OPTIONS
        )
        self.address = ""

    @classmethod
    def start(cls, options: ServerOptions) -> Self:
        """Loads the configured models, then listens.

        Raises:
            StatusError: The config cannot be read or is refused, a model does not load, or the port is taken.
        """
        server = cls(options)
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
        self._grpc.stop(grace_s).wait()
        self._manager.close()
        for watcher in self._watchers:
            watcher.join()

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
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(calls), self._grpc
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(calls), self._grpc)
        wanted = f"{self._options.host}:{self._options.port}"
        try:
            port = self._grpc.add_insecure_port(wanted)
        except RuntimeError as error:
            raise unknown(f"Could not listen on {wanted}: is the port taken?") from error
        self._grpc.start()
        self.address = f"{self._options.host}:{port}"

    def _config(self) -> model_server_config_pb2.ModelServerConfig:
        config = model_server_config_pb2.ModelServerConfig()
        if not self._options.model_config_file:
            config.model_config_list.config.add(
                name=self._options.model_name,
                base_path=str(Path(self._options.model_base_path).absolute()),
                model_platform="tensorflow",
            )
            return config
        try:
            text = Path(self._options.model_config_file).read_text()
            return text_format.Parse(text, config)
        except OSError as error:
            raise invalid_argument(f"{error.strerror}; {self._options.model_config_file}") from error
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise invalid_argument(
                f"Error parsing text-format tensorflow.serving.ModelServerConfig: {error}"
            ) from error

    def _reload_file(self) -> None:
        self._core.reload(
            self._config(), wait=False
        )  # else a model that never comes would hold all others up

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
