"""One queue of calls of one signature, cut into batches. The scheduler's lock guards it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from grpc import StatusCode

from components.records.array import Array
from components.records.servable import INVALID_ARGUMENT, ServableError
from components.server.batching.settings import QueueSettings

_UNAVAILABLE: int = StatusCode.UNAVAILABLE.value[0]


class Task:
    """A call that waits for its outputs.

    Args:
        inputs: Of the call.
        rows: How many it has.
        deadline: Until when its caller waits, by `time.perf_counter`; None: for any time.
    """

    def __init__(self, inputs: Mapping[str, Array], rows: int, deadline: float | None = None) -> None:
        self.inputs = inputs
        self.rows = rows
        self.deadline = deadline
        self.enqueued = time.perf_counter()
        self._lock = threading.Lock()
        self._missing = rows
        self._parts: dict[int, Mapping[str, Array]] = {}
        self._error: Exception | None = None
        self._ended = threading.Event()

    def answer(self, start: int, rows: int, outputs: Mapping[str, Array]) -> None:
        """Takes the outputs of the rows from `start` on."""
        with self._lock:
            self._parts[start] = outputs
            self._missing -= rows
        if self._missing == 0:
            self._ended.set()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._ended.set()

    def wait(self) -> list[Mapping[str, Array]]:
        """The outputs, in as many parts as the call was split into. Raises what the model raised."""
        self._ended.wait()
        if isinstance(self._error, ServableError):  # it is other calls' error too
            raise ServableError(self._error.code, self._error.message) from self._error
        if self._error is not None:
            raise RuntimeError("the batch failed") from self._error
        return [outputs for _, outputs in sorted(self._parts.items())]


class Part(NamedTuple):
    """Rows of a task that are in one batch: all, unless it was split."""

    task: Task
    start: int
    rows: int

    @property
    def inputs(self) -> Mapping[str, Array]:
        if self.rows == self.task.rows:
            return self.task.inputs
        return {name: array[self.start : self.start + self.rows] for name, array in self.task.inputs.items()}


class _Batch:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.rows = 0
        self.opened = 0.0


class BatchQueue:
    """Batches that wait, the last of them open.

    Args:
        settings: When a batch is closed, and how many may wait.
        process: Runs a batch.
    """

    def __init__(self, settings: QueueSettings, process: Callable[[list[Part]], None]) -> None:
        self._settings = settings
        self.process = process
        self._batches = deque([_Batch()])

    def add(self, task: Task) -> None:
        """Puts a call at the end. Raises `ServableError`: it is too large, or the queue is full."""
        self._check(task)
        start = 0
        while start < task.rows:
            room = self._settings.max_execution_batch_size - self._batches[-1].rows
            if room <= 0 or (not self._settings.split and task.rows > room):
                self._batches.append(_Batch())
                continue
            batch, rows = self._batches[-1], min(room, task.rows - start)
            if not batch.parts:
                batch.opened = time.perf_counter()
            batch.parts.append(Part(task, start, rows))
            batch.rows += rows
            start += rows

    def ready_at(self) -> float | None:
        """When the first batch may run, by `time.perf_counter`; None where no call waits."""
        first = self._batches[0]
        if not first.parts:
            return None
        full = len(self._batches) > 1 or first.rows >= self._settings.max_execution_batch_size
        return 0.0 if full else first.opened + self._settings.timeout_s

    def take(self) -> list[Part]:
        """The first batch, which is no longer in the queue then."""
        if len(self._batches) == 1:
            self._batches.append(_Batch())
        return self._batches.popleft().parts

    def _check(self, task: Task) -> None:
        settings, waiting, last = self._settings, len(self._batches), self._batches[-1].rows
        if task.rows > settings.max_batch_size:
            raise ServableError(
                INVALID_ARGUMENT,
                f"Task size {task.rows} is larger than maximum input batch size {settings.max_batch_size}",
            )
        full = "The batch scheduling queue to which this task was submitted is full;"
        if settings.split:
            size = settings.max_execution_batch_size
            capacity = (settings.max_enqueued_batches - waiting) * size + size - last
            if task.rows > capacity:
                raise ServableError(
                    _UNAVAILABLE,
                    f"{full} task size is {task.rows} but scheduling capacity is only {capacity} "
                    f"(num_enqueued_batches={waiting}, max_enqueued_batches={settings.max_enqueued_batches}, "
                    f"open_batch_size={last}, max_execution_batch_size={size})",
                )
        elif last + task.rows > settings.max_batch_size and waiting >= settings.max_enqueued_batches:
            raise ServableError(
                _UNAVAILABLE,
                f"{full} currently {waiting} batches enqueued and max_enqueued_batches is "
                f"{settings.max_enqueued_batches}",
            )
