"""What it costs the requests that are answered that candidates are asked them, too."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.load.generator import Phase
from benchmarks.load.measure import Load, Measured, Router, milliseconds
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.rollout import SHADOW, Rollout, write_rollout
from components.records.version_folder import install
from components.router.service.rollout.tally import ROLLOUTS, Tally, read_tallies
from pipelines.workspace import Workspace

_STAGE = "measured"
_LOADED_S = 30.0
_WRITTEN_S = 3.0
"""Routers have written their counts so long after."""
_LOOK = Phase(rate=20.0, seconds=1.0)


def shadow_cost(
    work: Path, routers: Sequence[Router], generator: Load, *, rate: float, seconds: float
) -> dict[str, Any]:
    """The same load without a shadow and with one: of all models, which are those in service once more.

    Args:
        work: Whose WORK/serving the routers follow.
        rate: Requests a second.
    """
    phase = Phase(rate=rate, seconds=seconds, seed=5, skip_s=0.5)
    alone, alone_s = _run(routers, generator, phase)
    _open(work / "serving")
    counts = Workspace.at(work).feedback / ROLLOUTS
    until = time.monotonic() + _LOADED_S
    while not _asked(counts).requests:
        if time.monotonic() > until:
            raise RuntimeError("no router asks the shadow")
        generator.run(_LOOK)
    time.sleep(_WRITTEN_S)
    before = _asked(counts)
    beside, beside_s = _run(routers, generator, phase)
    time.sleep(_WRITTEN_S)
    after = _asked(counts)
    requests, dropped = after.requests - before.requests, after.dropped - before.dropped
    return {
        "shadow_rps": round(rate, 1),
        "shadow_asked_share": round(requests / max(requests + dropped, 1), 4),
        "cpu_ms_a_request_without_shadow": round(alone_s, 3),
        "cpu_ms_a_request_shadow": round(beside_s, 3),
        "p50_ms_without_shadow": milliseconds(alone.outcome.accepted, 50),
        "p50_ms_shadow": milliseconds(beside.outcome.accepted, 50),
        "p99_ms_without_shadow": milliseconds(alone.outcome.accepted, 99),
        "p99_ms_shadow": milliseconds(beside.outcome.accepted, 99),
        "lost_shadow": round(beside.lost, 5),
        "rss_mb_shadow": round(max(each.rss_mb() for each in routers), 1),
    }


def _run(routers: Sequence[Router], generator: Load, phase: Phase) -> tuple[Measured, float]:
    """What became of the requests, and milliseconds of processor time an answer."""
    used = sum(each.cpu_s() for each in routers)
    found = generator.run(phase)
    used = sum(each.cpu_s() for each in routers) - used
    answers = found.rate * phase.seconds  # those of the start, which are not counted, took time too
    return found, used / max(answers, 1.0) * 1e3


def _open(serving: Path) -> None:
    """A shadow of version 2 of every model, the same files as version 1."""
    configs = read_models_config(serving / MODELS_CONFIG)
    for config in configs:
        base = Path(config.base_path)
        install(base / "1", base, 2)
    models = {config.name: 2 for config in configs}
    write_rollout(
        serving,
        Rollout(
            id=_STAGE,
            salt=_STAGE,
            mode=SHADOW,
            share=0.0,
            since=datetime.now(UTC),
            models=models,
            hashes=dict.fromkeys(models, ""),
            beside=dict.fromkeys(models, 1),
        ),
    )


def _asked(folder: Path) -> Tally:
    """What the shadow did, by the counts of all routers."""
    return read_tallies(folder, _STAGE).get(SHADOW, Tally())
