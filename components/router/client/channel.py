"""What both clients share: how they connect, what they send along, and what a refusal is."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc

API_KEY = "x-api-key"
_PUSHBACK = "grpc-retry-pushback-ms"
_POLICY = {
    "methodConfig": [
        {
            "name": [{"service": "arbiter.v1.Router"}],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.02s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["RESOURCE_EXHAUSTED", "UNAVAILABLE"],
            },
        }
    ]
}
"""A refused call is sent again, when the router says so. Each may be: feedback said twice is said once."""

OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.enable_retries", 1),
    ("grpc.service_config", json.dumps(_POLICY)),
)


class RouterError(Exception):
    """A call that the router refused, or that did not reach it.

    Attributes:
        code: The gRPC status code.
        retry_s: When it may be worth another try, where the router says so.
    """

    def __init__(self, error: Any) -> None:
        super().__init__(f"{error.code().name}: {error.details()}")
        self.code: grpc.StatusCode = error.code()
        trailing = dict(error.trailing_metadata() or ())
        self.retry_s = int(trailing[_PUSHBACK]) / 1e3 if _PUSHBACK in trailing else None


def open_channel(transport: Any, address: str, authority: Path | None, pair: tuple[Path, Path] | None) -> Any:
    """A channel to `address`, over TLS where `authority` or `pair` is given.

    Args:
        transport: `grpc` or `grpc.aio`.
        authority: PEM file of who signed the router's certificate.
        pair: PEM files of the client's own key and certificate.
    """
    if authority is None and pair is None:
        return transport.insecure_channel(address, options=OPTIONS)
    root = None if authority is None else authority.read_bytes()
    key, certificate = (None, None) if pair is None else (path.read_bytes() for path in pair)
    secure = grpc.ssl_channel_credentials(root, key, certificate)
    return transport.secure_channel(address, secure, options=OPTIONS)


def checked_timeout(timeout_s: float) -> float:
    """`timeout_s`. Raises ValueError where it is not positive."""
    if timeout_s <= 0:
        raise ValueError(f"`timeout_s` must be positive. Received: timeout_s={timeout_s}")
    return timeout_s


def metadata(api_key: str | None) -> Sequence[tuple[str, str]] | None:
    """What goes along with every call."""
    return None if api_key is None else ((API_KEY, api_key),)
