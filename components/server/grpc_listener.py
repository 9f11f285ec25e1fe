"""Listens for gRPC calls: on a port and a UNIX socket, with TLS, health and reflection."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from components.server.calls import Calls
from components.server.errors import invalid_argument, unknown
from components.server.in_place import InPlace
from components.server.options import ServerOptions
from components.server.service import SERVICES, methods
from components.server.text_config import SSLConfig, read_text_config

_OPTIONS: dict[str, int | str] = {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.so_reuseport": 0,  # else two servers could share a port by mistake
}
_HEALTHY = ("", "PredictionService", "ModelService")
"""The names that a health check may give; TF Serving leaves the package out."""


class GrpcListener:
    """A gRPC server that runs until `stop`.

    Args:
        calls: What the services lead to.
        options: Where and how it listens.

    Raises:
        StatusError: An address cannot be had, or the TLS configuration is none.
    """

    def __init__(self, calls: Calls, options: ServerOptions) -> None:
        pool = ThreadPoolExecutor(options.grpc_max_threads, thread_name_prefix="health")  # and reflection
        arguments = {**_OPTIONS, **_channel_arguments(options.grpc_channel_arguments)}
        self._server = grpc.server(pool, options=tuple(arguments.items()))
        self._health = health.HealthServicer() if options.enable_grpc_healthcheck_service else None
        self._services = InPlace(self._server, methods(calls), threads=options.grpc_max_threads)
        self._register()
        credentials = _credentials(options.ssl_config_file)
        port = self._add(f"{options.host}:{options.port}", credentials)
        if options.grpc_socket_path:
            self._add(f"unix:{options.grpc_socket_path}", credentials)
        self.address = f"{options.host}:{port}"
        self._services.start()

    def stop(self, grace_s: float) -> None:
        """Refuses new calls, lets those under way finish within `grace_s`."""
        if self._health is not None:
            self._health.enter_graceful_shutdown()
        self._services.stop(grace_s)

    def join(self) -> None:
        """After `stop`: waits for the calls that outlasted it."""
        self._services.join()

    def _register(self) -> None:
        names = [*SERVICES, reflection.SERVICE_NAME]
        if self._health is not None:
            health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
            for name in _HEALTHY:
                self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
            names.append(health.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    def _add(self, address: str, credentials: Any) -> int:
        try:
            if credentials is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise unknown(f"Could not listen on {address}: is the port taken?") from error
        return int(port)


def _channel_arguments(text: str) -> dict[str, int | str]:
    """`key=value,...`; a value that is a whole number is one."""
    arguments: dict[str, int | str] = {}
    for item in filter(None, text.split(",")):
        key, equals, value = item.partition("=")
        if not equals:
            raise invalid_argument(f"`grpc_channel_arguments` must be key=value,... Received: {text}")
        arguments[key] = int(value) if value.lstrip("-").isdecimal() else value
    return arguments


def _credentials(path: str) -> Any:
    """The server's key and certificate, and whose clients it believes; None without TLS."""
    if not path:
        return None
    config = read_text_config(path, SSLConfig())
    try:
        return grpc.ssl_server_credentials(
            [(config.server_key.encode(), config.server_cert.encode())],
            root_certificates=config.custom_ca.encode() or None,
            require_client_auth=config.client_verify,
        )
    except ValueError as error:
        raise invalid_argument(f"{path}: {error}") from error
