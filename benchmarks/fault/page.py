"""The page that says what became of requests and feedback under faults."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.fault.run import LAST
from components.records.atomic import atomic_write

FILE = "faults.md"

_PAGE = """# Faults under load

    {command}

A simulated world of {skills:,} skills in {domains} domains, made into a system by `arbiter run`. Three
routers share a workspace, a store and a dataset: two are `arbiter serve` as it is, the third asks model
servers, one for each of {models} models. All are processes of their own. Clients send {rate:g} requests a
second to the routers in turns, as a balancer does: a request that one does not answer, or refuses as busy,
goes to the next for five seconds; it has failed where none answers. Each answered request gets feedback,
which is said again until it is acknowledged. Meanwhile:

| what happens | requests | answered | by another router | degraded | failed | told | put off | longest |
|---|---|---|---|---|---|---|---|---|
{rows}

Feedback is told when a router has acknowledged it, or put off and said again. The longest is that of a
request, in seconds, until a router answered. No answer may be of two versions of one model ({mixed} were),
and an answer that lacks nothing must put the same skill first as the first time ({others} did not), as all
versions hold the same model.

- {swaps} versions were swapped, over all models in turns; {picked_up_s} s after the last one every router
  answered with all of them. After the rollback it took {rolled_back_s} s.
- Of {corrupt} corrupt versions, one of each model, {corrupt_refused} were refused by the server that was to
  load them, and the push took them back. Where one was labelled stable by hand, what was there before
  answered on.
- While a domain's model server was dead its router's answers named the domain as degraded; {domain_back_s}
  s after its return (the circuit breaker waits up to eight) none did. While the Shortlister's was dead that
  router refused with 503, and the others answered; {shortlister_back_s} s after its return it answered
  again.
- Clients that left: {disconnects} before their answer and as many in the midst of their request, of each
  router.
- The full disk is a limit on the size of files (`RLIMIT_FSIZE`): writes are cut short and fail, in the
  store, too.
- The third router had {threads[0]} threads and {open_files[0]} open files before all of it, {threads[1]}
  and {open_files[1]} after it, before the kills.
- Routers were killed with `kill -9` {kills} times, and at the end all at once, while feedback came (nobody
  was left for requests then). Started again and ended, one had written the dataset: of **{acknowledged:,}
  acknowledged** feedback lines **{lost} are lost**, {otherwise} say something else, {twice} are there
  twice.

Times are those of a machine with a load average of {before:.1f} at the start.
"""


def write_page(
    folder: Path, found: Mapping[str, Any], *, command: str, before: float, **about: object
) -> None:
    """Writes FOLDER/faults.md.

    Args:
        found: As `benchmarks.fault.run.run` gives it.
        command: That gave it.
        before: Load average at its start.
        about: `skills`, `domains`, `models`, `rate`, `disconnects`, `kills`.
    """
    scenes = found["scenes"]
    page = _PAGE.format(
        command=command,
        rows="\n".join(_row(name, counts) for name, counts in scenes.items()),
        mixed=sum(counts["of two versions"] for counts in scenes.values()),
        others=sum(counts["of another skill"] for counts in scenes.values()),
        before=before,
        **about,
        **{name: value for name, value in found.items() if name != "scenes"},
    )
    atomic_write(folder / FILE, page)


def failed(found: Mapping[str, Any]) -> int:
    """Requests that a healthy router could have answered, and feedback that is not as it was acknowledged."""
    requests = sum(
        counts["failed"] + counts["of two versions"] + counts["of another skill"]
        for name, counts in found["scenes"].items()
        if name != LAST
    )
    return int(requests + found["lost"] + found["otherwise"] + found["twice"])


def as_json(found: Mapping[str, Any]) -> str:
    """One line."""
    return json.dumps({**found, "failed": failed(found)})


def _row(name: str, counts: Mapping[str, Any]) -> str:
    shown = ("requests", "answered", "by another router", "degraded", "failed", "feedback acknowledged")
    cells = [name, *(f"{counts[each]:,}" for each in shown), f"{counts['feedback put off']:,}"]
    return f"| {' | '.join(cells)} | {counts['longest_s']} |"
