"""What a call is refused with: a gRPC status code and TF Serving's own words."""

from typing import NamedTuple

import grpc

from components.records.serving_protos import error_codes_pb2

_LIMIT = 1024
_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


class StatusError(Exception):
    """A refusal.

    Args:
        code: Its status code.
        message: As TF Serving puts it; over the wire goes `details`, cut to its length limit.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def number(self) -> int:
        """Of the status code, in gRPC and TensorFlow alike."""
        number: int = self.code.value[0]
        return number

    @property
    def details(self) -> str:
        return self.message if len(self.message) <= _LIMIT else f"{self.message[:_LIMIT]}...TRUNCATED"

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


class Failure(NamedTuple):
    """Why a version did not load: status code number (the same in gRPC and TensorFlow) and message."""

    code: int
    message: str

    def __str__(self) -> str:
        return f"{error_codes_pb2.Code.Name(self.code)}: {self.message}"


def numbered(number: int, message: str) -> StatusError:
    """The error with the code of that number; UNKNOWN where there is none."""
    return StatusError(_CODES.get(number, grpc.StatusCode.UNKNOWN), message)


def invalid_argument(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.NOT_FOUND, message)


def failed_precondition(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.FAILED_PRECONDITION, message)


def unimplemented(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.UNIMPLEMENTED, message)


def data_loss(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.DATA_LOSS, message)


def internal(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.INTERNAL, message)


def unknown(message: str) -> StatusError:
    return StatusError(grpc.StatusCode.UNKNOWN, message)
