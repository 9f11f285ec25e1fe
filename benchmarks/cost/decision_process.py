"""One process on one core that decides requests one by one with a whole system: how long, where, how well.

    python -m benchmarks.cost.decision_process FOLDERS REQUESTS COUNT

FOLDERS: JSON of the version folders by the name that each model is served by. REQUESTS: JSON lines (`Asked`).
It imports what it needs to decide and nothing else, so that its memory is that of a router's process.
"""

import json
import os
import sys
import time
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from benchmarks.cost.process import resident_mb
from components.records.array import Array
from components.records.hyprank.rank import HYPRANK
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER
from components.router.compose import compose
from components.router.models import Answer, FolderModels, Release

K = 5
_WARM = 200
_DOMAINS, _REST = "domains", "rest"
STAGES = (SHORTLISTER, _DOMAINS, HYPRANK, _REST)
"""Who takes the time: the models by kind; the rest is names, re-rankers, HypRank's features, the answer."""


class Asked(msgspec.Struct, frozen=True):
    """A test request as a live one would come, and the skills that are right for it."""

    request: Request
    right: tuple[str, ...]


class TimedModels:
    """Models that note how much processor time each kind takes.

    Args:
        models: Who answer.
    """

    def __init__(self, models: FolderModels) -> None:
        self._models = models
        self.seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        started = time.process_time()
        answer = self._models.run(model, inputs)
        kind = model if model in STAGES else _DOMAINS
        self.seconds[kind] += time.process_time() - started
        return answer

    def current(self, model: str) -> Release:
        return self._models.current(model)

    def serves(self, model: str) -> bool:
        return self._models.serves(model)


def main(folders: Mapping[str, Path], requests: Path, count: int) -> dict[str, float]:
    """Milliseconds a decision by the clock and of processor time, memory, shares of the stages, top-1."""
    import numpy as np

    with requests.open("rb") as lines:
        asked = [msgspec.json.decode(line, type=Asked) for line in lines]
    models = TimedModels(FolderModels(folders))
    for name in folders:
        models.current(name)
    for each in asked[:_WARM]:
        compose(models, [each.request], top=K)
    idle = resident_mb()
    models.seconds = dict.fromkeys(STAGES, 0.0)
    times, busy = array("d"), array("d")
    right = 0
    for each in _repeated(asked, count):
        started, used = time.perf_counter(), time.process_time()
        (answer,) = compose(models, [each.request], top=K)
        busy.append(time.process_time() - used)
        times.append(time.perf_counter() - started)
        right += answer.best is not None and answer.best.skill_id in each.right
    found: dict[str, float] = {"requests": count}
    for name, seconds in (("", times), ("cpu_", busy)):
        p50, p99 = (np.percentile(np.frombuffer(seconds), [50, 99]) * 1e3).tolist()
        found |= {f"{name}p50_ms": round(p50, 3), f"{name}p99_ms": round(p99, 3)}
    total = sum(busy)
    models.seconds[_REST] = total - sum(models.seconds.values())
    shares = {f"share_{stage}": round(models.seconds[stage] / total, 3) for stage in STAGES}
    memory = {"idle_rss_mb": round(idle, 1), "rss_mb": round(resident_mb(), 1)}
    return found | memory | shares | {"top1": round(right / count, 4)}


def _repeated(asked: list[Asked], count: int) -> Iterator[Asked]:
    for number in range(count):
        yield asked[number % len(asked)]


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    by_name = {name: Path(folder) for name, folder in json.loads(sys.argv[1]).items()}
    print(json.dumps(main(by_name, Path(sys.argv[2]), int(sys.argv[3]))))
