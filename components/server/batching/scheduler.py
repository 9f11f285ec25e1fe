"""The threads that run the batches of all queues, in turn."""

import threading
import time
import weakref

from components.server.batching.queue import BatchQueue, Part, Task
from components.server.batching.settings import PoolSettings


class BatchScheduler:
    """Runs batches that are full or have waited long enough, the queues one after the other.

    A queue is let go when nobody refers to it any more.

    Args:
        settings: How many threads.
    """

    def __init__(self, settings: PoolSettings) -> None:
        self._changed = threading.Condition()
        self._queues: list[weakref.ref[BatchQueue]] = []
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{settings.name}_{number}", daemon=True)
            for number in range(settings.threads)
        ]
        for thread in self._threads:
            thread.start()

    def register(self, queue: BatchQueue) -> None:
        """Lets `queue` take part."""
        with self._changed:
            self._queues = [known for known in self._queues if known() is not None]
            self._queues.append(weakref.ref(queue))

    def submit(self, queue: BatchQueue, task: Task) -> None:
        """Puts a call into a queue. Raises `ServableError` as `BatchQueue.add`."""
        with self._changed:
            queue.add(task)
            self._changed.notify()

    def close(self) -> None:
        """Ends the threads when the batches that wait have run."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            found = self._next()
            if found is None:
                return
            queue, batch = found
            queue.process(batch)
            del found, queue, batch  # a thread that waits keeps no model alive

    def _next(self) -> tuple[BatchQueue, list[Part]] | None:
        """Waits for a batch; None when there is to be none any more."""
        with self._changed:
            while True:
                now, earliest = time.perf_counter(), None
                for place, known in enumerate(self._queues):
                    queue = known()
                    ready = queue.ready_at() if queue is not None else None
                    if queue is None or ready is None:
                        continue
                    if ready <= now or self._closed:
                        self._queues = [*self._queues[place + 1 :], *self._queues[: place + 1]]
                        return queue, self._taken(queue)
                    earliest = ready if earliest is None else min(earliest, ready)
                queue = None
                if self._closed:
                    return None
                self._changed.wait(None if earliest is None else earliest - now)

    def _taken(self, queue: BatchQueue) -> list[Part]:
        batch = queue.take()
        if queue.ready_at() is not None:
            self._changed.notify()
        return batch
