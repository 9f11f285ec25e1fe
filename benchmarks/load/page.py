"""The page that says what a router bears."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from components.records.atomic import atomic_write

FILE = "serving.md"


class Target(NamedTuple):
    """A bound on a figure; `least`: a lower one."""

    what: str
    figure: str
    bound: float
    unit: str
    least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound


_TARGETS = (
    Target("sustained requests a second and core", "sustainable_rps_per_core", 300, "", least=True),
    Target("p99 at half of that", "p99_ms_half_load", 10, "ms"),
    Target("p99 of accepted requests at ten times that", "p99_ms_overload", 50, "ms"),
    Target("p99 at half of it again, a second after", "p99_ms_recovered", 10, "ms"),
    Target("memory grown by the overload", "rss_growth_overload_mb", 10, "MB"),
    Target("resident after it", "rss_mb", 200, "MB"),
    Target("from the start to the first answer", "start_s", 2, "s"),
)

_PAGE = """# What a router bears

    {command}

A simulated world of {skills:,} skills in {domains} domains, made into a system by `arbiter run`. A process of
model server and router (as `arbiter serve`) on each of {cores} of {machine} cores, REST on loopback, whole
decisions, load from processes on other cores. Requests of an open loop are due at times drawn beforehand, and
latency counts from then. A load is sustained where at most a thousandth of it is refused and the 99th
percentile is 25 ms at most. The load average was {before:.1f} at the start and {after:.1f} at the end: where
it is well above what the benchmark itself runs ({own}), times are those of a busy machine, and
`cpu_ms_a_request` is what compares.

| what | figure | target | met |
|---|---|---|---|
{rows}

    {json}

- A request takes {cpu_ms_a_request} ms of processor time; a closed loop gets {closed_rps} answers a second.
- At ten times the sustained load a share of {refused_share_overload} is refused, with a 99th percentile of
  {refused_p99_ms_overload} ms; {accepted_rps_overload} a second are answered, {failed_overload} failed in any
  other way. The generators were {generator_late_p99_ms_overload} ms late (99th percentile), which the
  latencies hold.
- With a shadow of all models ([rollout](../rollout.md#a-shadow)), at half of the sustained load
  ({shadow_rps} a second), a request takes {cpu_ms_a_request_shadow} ms of processor time instead of
  {cpu_ms_a_request_without_shadow}; the median is {p50_ms_shadow} ms instead of {p50_ms_without_shadow}, the
  99th percentile {p99_ms_shadow} instead of {p99_ms_without_shadow}. It was asked a share of
  {shadow_asked_share} of the requests; {rss_mb_shadow} MB are resident with both versions of all models.
- `top1` counts every right skill; it is that of the answers at half load.
"""


def write_page(
    folder: Path, figures: Mapping[str, Any], *, command: str, before: float, generators: int
) -> None:
    """Writes FOLDER/serving.md.

    Args:
        command: That gave the figures.
        before: Load average at its start.
        generators: Processes that sent requests.
    """
    rows = "\n".join(_row(target, figures[target.figure]) for target in _TARGETS)
    page = _PAGE.format(
        **figures,
        command=command,
        rows=rows,
        json=json.dumps(figures),
        before=before,
        after=os.getloadavg()[0],
        machine=os.cpu_count(),
        own=figures["cores"] + generators,
    )
    atomic_write(folder / FILE, page)


def _row(target: Target, value: float | None) -> str:
    if value is None:
        return f"| {target.what} | none | | no |"
    sign = "≥" if target.least else "≤"
    unit = f" {target.unit}".rstrip()
    return (
        f"| {target.what} | {value}{unit} | {sign} {target.bound:g}{unit} | "
        f"{'yes' if target.met(value) else 'no'} |"
    )
