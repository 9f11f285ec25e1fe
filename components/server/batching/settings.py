"""How calls are batched: TF Serving's BatchingParameters, with its defaults and refusals."""

import os
from typing import Any

import msgspec

from components.server.errors import StatusError, invalid_argument

_DEFAULT_NAME = "batch_threads"


class QueueSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How one model's calls are batched.

    Attributes:
        max_batch_size: Rows of the largest call; without splitting, of a batch too.
        max_execution_batch_size: Rows of a batch.
        timeout_s: How long the first call of a batch waits for others.
        max_enqueued_batches: Batches that wait, the open one among them.
        allowed_batch_sizes: A batch is filled up to the next of them; empty: any size is allowed.
        pad: Fills shorter inputs up to the longest of the batch.
        split: A call may be spread over batches.
    """

    max_batch_size: int
    max_execution_batch_size: int
    timeout_s: float
    max_enqueued_batches: int
    allowed_batch_sizes: tuple[int, ...]
    pad: bool
    split: bool

    @classmethod
    def of(cls, parameters: Any) -> "QueueSettings":
        """What `parameters`, a BatchingParameters, say.

        Raises:
            StatusError: They do not fit together.
        """
        split = parameters.enable_large_batch_splitting.value
        largest = _value(parameters, "max_batch_size", 1000)
        execution = _value(parameters, "max_execution_batch_size", largest) if split else largest
        settings = cls(
            max_batch_size=largest,
            max_execution_batch_size=execution,
            timeout_s=_value(parameters, "batch_timeout_micros", 0) / 1e6,
            max_enqueued_batches=_value(parameters, "max_enqueued_batches", 10) or int(not split),
            allowed_batch_sizes=tuple(parameters.allowed_batch_sizes),
            pad=parameters.pad_variable_length_inputs,
            split=split,
        )
        error = settings._error()
        if error is not None:
            raise error
        return settings

    def _error(self) -> StatusError | None:
        if self.allowed_batch_sizes and self.allowed_batch_sizes[-1] != self.max_batch_size:
            return invalid_argument(
                "Last entry in allowed_batch_sizes must match max_batch_size; last entry was "
                f"{self.allowed_batch_sizes[-1]}; expected {self.max_batch_size}"
            )
        if self.max_batch_size < 1:
            return invalid_argument(f"input_batch_size_limit must be positive; was {self.max_batch_size}")
        if self.timeout_s < 0:
            return invalid_argument(
                f"batch_timeout_micros must be non-negative; was {round(self.timeout_s * 1e6)}"
            )
        if self.max_enqueued_batches < 1:
            return invalid_argument(f"max_enqueued_batches must be positive; was {self.max_enqueued_batches}")
        if not 1 <= self.max_execution_batch_size <= self.max_batch_size:
            return invalid_argument(
                "When enable_large_batch_splitting is true, input_batch_size_limit must be greater than or "
                f"equal to max_execution_batch_size.1{self.max_batch_size}{self.max_execution_batch_size}"
            )
        return None

    def padded(self, size: int) -> int:
        """The size that a batch of `size` rows is filled up to."""
        return next((allowed for allowed in self.allowed_batch_sizes if allowed >= size), size)


class PoolSettings(msgspec.Struct, frozen=True):
    """The threads that run the batches of all models."""

    threads: int
    name: str

    @classmethod
    def of(cls, parameters: Any) -> "PoolSettings":
        """What `parameters` say. Raises `StatusError`: there would be no thread."""
        threads = _value(parameters, "num_batch_threads", len(os.sched_getaffinity(0)))
        if threads < 1:
            raise invalid_argument(f"num_batch_threads must be positive; was {threads}")
        return cls(threads, parameters.thread_pool_name.value or _DEFAULT_NAME)


def _value(parameters: Any, name: str, default: int) -> int:
    return int(getattr(parameters, name).value) if parameters.HasField(name) else default
