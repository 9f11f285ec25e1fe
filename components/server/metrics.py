"""What the server counts and measures, by TF Serving's names, and the page that Prometheus reads.

The metrics are the process's, as in TF Serving: two servers in one process count together.
"""

import re
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping

_NO_NAME = re.compile("[^a-zA-Z0-9_]")
_NO_LABEL = re.compile("[^a-zA-Z0-9]")
_MAX_CELLS = 10_000  # clients choose the model names that are counted: what is more counts as nameless
_MAX_LABEL = 1024


class Counter:
    """Counts by the values of its labels.

    Args:
        name: A path, `/tensorflow/serving/request_count`.
        labels: Names of its labels.
    """

    def __init__(self, name: str, *labels: str) -> None:
        self.name = name
        self._labels = labels
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], int] = {}
        _METRICS.append(self)

    def add(self, *values: str, by: int = 1) -> None:
        with self._lock:
            values = _bounded(values, self._counts)
            self._counts[values] = self._counts.get(values, 0) + by

    def value(self, *values: str) -> int:
        return self._counts.get(values, 0)

    def first(self) -> int:
        """The count of the labels' first values in the alphabet; 0 where nothing was counted."""
        with self._lock:
            return self._counts[min(self._counts)] if self._counts else 0

    def lines(self) -> Iterator[str]:
        name = _metric_name(self.name)
        yield f"# TYPE {name} counter"
        with self._lock:
            counts = sorted(self._counts.items())
        for values, count in counts:
            yield f"{name}{{{_labels(self._labels, values)}}} {count}"


class Histogram:
    """Counts values in ranges, by the values of its labels.

    Args:
        scale, growth, limits: The upper ends of the ranges: scale, scale * growth, ..., and infinity.
    """

    def __init__(self, name: str, *labels: str, scale: float, growth: float, limits: int) -> None:
        self.name = name
        self._labels = labels
        self._limits = [scale]
        for _ in range(limits - 1):
            self._limits.append(self._limits[-1] * growth)
        self._lock = threading.Lock()
        self._cells: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}
        _METRICS.append(self)

    def add(self, value: float, *values: str) -> None:
        place = bisect_right(self._limits, value)
        with self._lock:
            values = _bounded(values, self._cells)
            cell = self._cells.get(values)
            if cell is None:
                cell = self._cells[values] = ([0] * (len(self._limits) + 1), [0.0])
            cell[0][place] += 1
            cell[1][0] += value

    def count(self, *values: str) -> int:
        """How many values were added."""
        return sum(self._cells[values][0]) if values in self._cells else 0

    def lines(self) -> Iterator[str]:
        name = _metric_name(self.name)
        yield f"# TYPE {name} histogram"
        with self._lock:
            cells = sorted(
                (values, list(counts), total) for values, (counts, (total,)) in self._cells.items()
            )
        for values, counts, total in cells:
            labels = _labels(self._labels, values)
            start = f"{name}_bucket{{{labels}{',' if labels else ''}le="
            count = 0
            for limit, more in zip((*self._limits, None), counts, strict=True):
                count += more
                yield f'{start}"{"+Inf" if limit is None else f"{limit:g}"}"}} {count}'
            yield f"{name}_sum{{{labels}}} {total:g}"
            yield f"{name}_count{{{labels}}} {count}"


_METRICS: list[Counter | Histogram] = []


def page() -> str:
    """All metrics in Prometheus' text format."""
    metrics = sorted(_METRICS, key=lambda metric: metric.name)
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


def counter_value(name: str) -> int:
    """What the counter of that name says, as a reload reports it; 0 where there is none."""
    return next((m.first() for m in _METRICS if m.name == name and isinstance(m, Counter)), 0)


def _bounded(values: tuple[str, ...], known: Mapping[tuple[str, ...], object]) -> tuple[str, ...]:
    if values in known:
        return values
    fits = len(known) < _MAX_CELLS and max(map(len, values), default=0) <= _MAX_LABEL
    return values if fits else ("",) * len(values)


def _metric_name(name: str) -> str:
    return _NO_NAME.sub(":", name)


def _labels(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for value in values)
    return ",".join(
        f'{_NO_LABEL.sub("_", name)}="{value}"' for name, value in zip(names, escaped, strict=True)
    )


def _latency(name: str, *labels: str) -> Histogram:
    """Of microseconds, up to 20 minutes."""
    return Histogram(name, *labels, scale=10, growth=1.8, limits=33)


def _sizes(name: str, *labels: str, limits: int = 14) -> Histogram:
    return Histogram(name, *labels, scale=1, growth=2, limits=limits)


_SERVING = "/tensorflow/serving"
_BATCHING = f"{_SERVING}/batching_session"

REQUEST_COUNT = Counter(f"{_SERVING}/request_count", "model_name", "status")
REQUEST_LATENCY = _latency(f"{_SERVING}/request_latency", "model_name", "API", "entrypoint")
RUNTIME_LATENCY = _latency(f"{_SERVING}/runtime_latency", "model_name", "API", "runtime")
EXAMPLE_COUNTS = _sizes(f"{_SERVING}/request_example_counts", "model", limits=15)
EXAMPLE_COUNT_TOTAL = Counter(f"{_SERVING}/request_example_count_total", "model")
REQUEST_LOG_COUNT = Counter(f"{_SERVING}/request_log_count", "model_name", "status_code")
WARMUP_LATENCY = _latency(f"{_SERVING}/model_warmup_latency", "model_path", "status")
WARMUP_RECORDS_READ = Counter(f"{_SERVING}/model_warmup_records_read", "model_path", "status")
QUEUING_LATENCY = Histogram(
    f"{_BATCHING}/queuing_latency", "thread_pool_name", scale=100, growth=1.2, limits=52
)
WRAPPED_RUN_COUNT = Counter(f"{_BATCHING}/wrapped_run_count")
PADDING_SIZE = _sizes(f"{_BATCHING}/padding_size", "execution_batch_size")
INPUT_BATCH_SIZE = _sizes(f"{_BATCHING}/input_batch_size")
PROCESSED_BATCH_SIZE = _sizes(f"{_BATCHING}/processed_batch_size")
