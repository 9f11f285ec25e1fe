"""Why a call is not answered: one error for both APIs, with the status code of each."""

from typing import NamedTuple

import grpc


class Status(NamedTuple):
    """The same refusal as gRPC and HTTP say it."""

    grpc: grpc.StatusCode
    http: int


INVALID = Status(grpc.StatusCode.INVALID_ARGUMENT, 400)
UNAUTHENTICATED = Status(grpc.StatusCode.UNAUTHENTICATED, 401)
UNKNOWN = Status(grpc.StatusCode.NOT_FOUND, 404)
OVERLOADED = Status(grpc.StatusCode.RESOURCE_EXHAUSTED, 429)
INTERNAL = Status(grpc.StatusCode.INTERNAL, 500)
UNIMPLEMENTED = Status(grpc.StatusCode.UNIMPLEMENTED, 501)
UNAVAILABLE = Status(grpc.StatusCode.UNAVAILABLE, 503)
TOO_LATE = Status(grpc.StatusCode.DEADLINE_EXCEEDED, 504)
FULL = Status(grpc.StatusCode.UNAVAILABLE, 507)


class ServiceError(Exception):
    """A call that is not answered.

    Attributes:
        status: The code.
        retry_s: When it may be worth another try; None: not as it is.
    """

    def __init__(self, status: Status, message: str, *, retry_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_s = retry_s
