"""A sample of what answering costs, measured where a run was made."""

from pathlib import Path

import msgspec

from components.records.atomic import atomic_write

_FILE = "serving_cost.json"


class ServingCost(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `serving_cost.json`: one request at a time, one process.

    Attributes:
        requests: In the sample, after a warm-up.
        p50_ms, p99_ms: Latency by the clock.
        cpu_ms: Mean processor time of a request.
        empty_mb, resident_mb: Memory of the process in 10⁶ bytes, before the models are loaded and after the
            last request.
        processor: What the machine calls itself.
        cores: That the process may use.
        load: The machine's load average when it was measured; everything that runs there is in it.
    """

    requests: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    empty_mb: float
    resident_mb: float
    processor: str
    cores: int
    load: float


def write_serving_cost(artifact: Path, cost: ServingCost) -> None:
    """Writes the artifact's `serving_cost.json`."""
    atomic_write(artifact / _FILE, msgspec.json.format(msgspec.json.encode(cost), indent=1))


def read_serving_cost(artifact: Path) -> ServingCost | None:
    """What `write_serving_cost` wrote; None where nothing was measured."""
    path = artifact / _FILE
    return msgspec.json.decode(path.read_bytes(), type=ServingCost) if path.is_file() else None
