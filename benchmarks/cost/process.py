"""One process on one core that answers requests one by one: how long each takes, and what it holds.

    python -m benchmarks.cost.process FOLDER REQUESTS COUNT {twin,saved_model}

It imports what it needs to predict and nothing else, so that its memory is that of a server's model.
"""

import json
import os
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

_ENABLED, _TOP = 10, 10


def resident_mb() -> float:
    """What the process has in memory now, in 10⁶ bytes."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(folder: Path, requests: Path, count: int, form: str) -> dict[str, float]:
    """Milliseconds at the median and the 99th percentile, memory when idle and at the end.

    By the clock, and of processor time, which is what a busy machine leaves comparable.
    """
    import numpy as np

    from components.records.servable import DEFAULT_SIGNATURE, Servable

    servable = Servable.load(folder, saved_model=form == "saved_model")
    idle = resident_mb()
    k = np.array(_TOP, np.int32)
    times, busy = array("d"), array("d")
    for utterance, enabled in endless(requests):
        inputs = {
            "utterance": np.array([utterance], object),
            "enabled": np.array([enabled], object),
            "k": k,
        }
        started, used = time.perf_counter(), time.process_time()
        servable.predict(DEFAULT_SIGNATURE, inputs)
        busy.append(time.process_time() - used)
        times.append(time.perf_counter() - started)
        if len(times) == count:
            break
    resident = resident_mb()  # before the percentiles, which take 10 MB of NumPy that no answer needs
    found: dict[str, float] = {"requests": count}
    for name, seconds in (("", times), ("cpu_", busy)):
        p50, p99 = (np.percentile(np.frombuffer(seconds), [50, 99]) * 1e3).tolist()
        found |= {f"{name}p50_ms": round(p50, 3), f"{name}p99_ms": round(p99, 3)}
    return found | {
        "idle_rss_mb": round(idle, 1),
        "rss_mb": round(resident, 1),
    }


def endless(requests: Path) -> Iterator[tuple[bytes, list[bytes]]]:
    """The requests over and over, each with exactly ten enabled skills: those of its own list first, then
    those that the requests before it named."""
    others: list[bytes] = []
    while True:
        with requests.open("rb") as lines:
            for line in lines:
                request = json.loads(line)
                own = [skill.encode() for skill in request["enabled"]][:_ENABLED]
                others = list(dict.fromkeys(own + others))[: 2 * _ENABLED]
                filled = list(dict.fromkeys(own + others))[:_ENABLED]
                yield request["utterance"].encode(), filled + [b""] * (_ENABLED - len(filled))


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
