"""Whether the gate lets the same data pass that were trained on with another seed.

One system is trained on a simulated world and put into service. Then it is trained again and again, each
time with other seeds of its models and nothing else changed, and held against the one in service as any run
is. None is better or worse but by luck: the gate should pass them. A refusal is a false alarm.
"""

import argparse
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.cost.page import load_average
from benchmarks.cost.trained import cache_folder
from components.records.atomic import atomic_write
from components.records.verdict import Check, Verdict, read_verdict
from components.simulate import SimulateOptions, simulate
from pipelines.config import read_config
from pipelines.history import History
from pipelines.nodes import EVALUATOR, FIRST_EVALUATOR
from pipelines.run import RunRequest, run
from pipelines.workspace import Workspace

_SEEDED = ("shortlister", "domain", "reranker", "hyprank")
"""The parts whose seed changes."""
_AGAINST = ("max_top1_drop", "max_ece_rise", "max_irer_rise", "max_domain_top1_drop", "max_domain_irer_rise")
_PAGE = "false_alarms.md"


class Judgement(NamedTuple):
    """What the gate said of one seed."""

    seed: int
    verdict: Verdict

    def worst(self, name: str) -> Check | None:
        """The check of that name that came nearest to failing, or failed by most."""
        found = [check for check in self.verdict.checks if check.name == name and check.value is not None]
        return min(found, key=_margin) if found else None


def _margin(check: Check) -> float:
    """How far the figure is on the right side of the threshold."""
    ahead = (check.value or 0.0) - check.threshold
    return ahead if "top1" in check.name else -ahead


def judgements(data: Path, work: Path, settings: Sequence[str], seeds: int) -> Iterator[Judgement]:
    """Trains with seed 0 and pushes; then holds each other seed against that."""
    workspace = Workspace.at(work)
    for seed in range(seeds + 1):
        chosen = [*settings, *(f"{part}.seed={seed}" for part in _SEEDED)]
        config = read_config(None, chosen)
        until = EVALUATOR if seed else None
        run_id = run(RunRequest(data=data, workspace=workspace, config=config, until=until))
        if seed:
            node = FIRST_EVALUATOR if config.rankers else EVALUATOR
            yield Judgement(
                seed, read_verdict(Path(History(workspace).newest_output(node, "verdict", run_id) or ""))
            )


def page(found: Sequence[Judgement], command: str, what: str, load: tuple[float, float]) -> str:
    """The figures as a page."""
    passed = [each for each in found if each.verdict.blessed]
    checks = sorted({sum(c.name in _AGAINST for c in each.verdict.checks) for each in found})
    lines = [
        "# False alarms of the gate",
        "",
        f"    {command}",
        "",
        what,
        "",
        f"**{len(passed)} of {len(found)} seeds pass.** Figures compared with the system in service at each "
        f"judgement: {', '.join(map(str, checks))}. How their intervals are chosen: [gates.md](../gates.md).",
        "",
        "The change that came nearest to its limit, of all requests and of the worst domain:",
        "",
        "| seed | verdict | " + " | ".join(_AGAINST) + " |",
        "|---" * (2 + len(_AGAINST)) + "|",
    ]
    for each in found:
        cells = [_cell(each.worst(name)) for name in _AGAINST]
        said = "passes" if each.verdict.blessed else "refused"
        lines.append(f"| {each.seed} | {said} | " + " | ".join(cells) + " |")
    refused = [each for each in found if not each.verdict.blessed]
    lines += ["", *(f"- Seed {each.seed}: {each.verdict.words}" for each in refused)]
    lines += ["", f"Load average {load[0]:.1f} before, {load[1]:.1f} after; nothing here is timed.", ""]
    return "\n".join(lines)


def _cell(check: Check | None) -> str:
    if check is None or check.value is None or check.low is None or check.high is None:
        return "–"
    change = (check.low + check.high) / 2.0
    return f"{change:+.4f} [{check.low:+.4f}, {check.high:+.4f}]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints and writes the page. Returns the exit status: 1 where more than one in twenty is refused."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench false_alarms",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=20, metavar="N")
    parser.add_argument("--skills", type=int, default=40, metavar="N")
    parser.add_argument("--customers", type=int, default=500, metavar="N")
    parser.add_argument("--requests", type=int, default=8_000, metavar="N")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the runs")
    parser.add_argument("--work", type=Path, help="workspaces of earlier calls go on here")
    parser.add_argument("--output", type=Path, default=Path("docs/results"), metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    folder = chosen.work or cache_folder() / "bench-false-alarms"
    world = SimulateOptions(
        skills=chosen.skills, customers=chosen.customers, requests=chosen.requests, seed=3
    )
    if not (folder / "data" / "catalogue.jsonl").is_file():
        simulate(folder / "data", world)
    before = load_average()
    found = list(judgements(folder / "data", folder / "work", chosen.set, chosen.seeds))
    given = [word for setting in chosen.set for word in ("--set", setting)]
    command = shlex.join(
        [
            *("arbiter", "bench", "false_alarms", "--seeds", str(chosen.seeds)),
            *("--skills", str(chosen.skills), "--customers", str(chosen.customers)),
            *("--requests", str(chosen.requests), *given),
        ]
    )
    what = (
        f"A simulated world of {chosen.skills} skills and {chosen.requests:,} requests of {chosen.customers} "
        "customers. Seed 0 is in service; every other seed is trained on the same data and held against it."
    )
    text = page(found, command, what, (before, load_average()))
    atomic_write(chosen.output / _PAGE, text)
    print(text)
    return int(sum(not each.verdict.blessed for each in found) > len(found) / 20)
