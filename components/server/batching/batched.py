"""A model whose calls are batched."""

import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from grpc import StatusCode

from components.records.array import Array
from components.records.servable import Servable, ServableError
from components.records.serving_protos import meta_graph_pb2
from components.server import metrics
from components.server.batching.merging import check_outputs, merged, rows_of
from components.server.batching.queue import BatchQueue, Part, Task
from components.server.batching.scheduler import BatchScheduler
from components.server.batching.settings import QueueSettings
from components.server.deadline import deadline

_MAX_QUEUES = 64  # a client chooses the outputs it wants: more combinations than this get new queues
_RESOURCE_EXHAUSTED: int = StatusCode.RESOURCE_EXHAUSTED.value[0]
_TOO_LATE = "Run() timeout exceeded while waiting in batching queue"
_POOL = ""  # TF Serving knows no name of the pool where it measures


class BatchedServable(Servable):
    """Runs calls of one signature, and for the same outputs, together.

    Args:
        servable: The model.
        scheduler: Whose threads run it.
        settings: How its calls are batched.
    """

    def __init__(self, servable: Servable, scheduler: BatchScheduler, settings: QueueSettings) -> None:
        super().__init__(servable.folder, servable.signatures)
        self._servable = servable
        self._scheduler = scheduler
        self._settings = settings
        self._queues: dict[tuple[str, tuple[str, ...]], BatchQueue] = {}
        self._lock = threading.Lock()

    @property
    def signature_defs(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        return self._servable.signature_defs

    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        wanted = tuple(sorted(self.checked(signature, inputs, outputs)))
        rows = rows_of(inputs)
        if rows == 0:  # it would wait for others without end
            return self._servable.predict(signature, inputs, outputs=wanted)
        for _ in inputs:
            metrics.INPUT_BATCH_SIZE.add(rows)
        task = Task(inputs, rows, deadline())
        queue = self._queue(signature, wanted)
        self._scheduler.submit(queue, task)
        parts = task.wait()
        if len(parts) == 1:
            return dict(parts[0])
        return {name: np.concatenate([part[name] for part in parts]) for name in wanted}

    def _queue(self, signature: str, outputs: tuple[str, ...]) -> BatchQueue:
        key = (signature, outputs)
        queue = self._queues.get(key)
        if queue is None:
            with self._lock:
                queue = self._queues.get(key)
                if queue is None:
                    if len(self._queues) >= _MAX_QUEUES:
                        self._queues.clear()
                    process = partial(_process, self._servable, self._settings, signature, outputs)
                    queue = self._queues[key] = BatchQueue(self._settings, process)
                    self._scheduler.register(queue)
        return queue


def _process(
    servable: Servable,
    settings: QueueSettings,
    signature: str,
    outputs: tuple[str, ...],
    batch: list[Part],
) -> None:
    """Runs a batch and gives each call its rows. Not a method: a queue must not keep its model alive."""
    started = time.perf_counter()
    for part in batch:
        metrics.QUEUING_LATENCY.add((started - part.task.enqueued) * 1e6, _POOL)
    if all(part.task.deadline is not None and part.task.deadline <= started for part in batch):
        for part in batch:
            part.task.fail(ServableError(_RESOURCE_EXHAUSTED, _TOO_LATE))
        return
    try:
        arrays = _run(servable, settings, signature, outputs, batch)
    except Exception as error:  # each call raises it again
        for part in batch:
            part.task.fail(error)
        return
    row = 0
    for part in batch:
        own = {name: array[row : row + part.rows] for name, array in arrays.items()}
        part.task.answer(part.start, part.rows, own)
        row += part.rows


def _run(
    servable: Servable,
    settings: QueueSettings,
    signature: str,
    outputs: tuple[str, ...],
    batch: list[Part],
) -> dict[str, Array]:
    rows = sum(part.rows for part in batch)
    size = settings.padded(rows)
    metrics.PADDING_SIZE.add(size - rows, str(size))
    metrics.PROCESSED_BATCH_SIZE.add(size)
    inputs = [part.inputs for part in batch]
    if len(batch) == 1 and size == rows:
        together = inputs[0]
    else:
        infos = servable.signature_defs[signature].inputs
        names = {name: info.name for name, info in infos.items()}
        together = merged(inputs, size, pad=settings.pad, tensor_names=names)
    arrays = servable.predict(signature, together, outputs=outputs)
    metrics.WRAPPED_RUN_COUNT.add()
    check_outputs(arrays, size)
    return arrays
