"""What each task of a cluster's run takes of a pod, in processor time and memory, and each model of a server.

A simulated world is run and one domain of it updated as on a cluster: every task in a process of its own, one
after the other, on one thread. Of each its processor time and its largest resident memory are told by the
kernel. Several numbers of requests, ten a customer, show how both grow; they are measured side by side, on a
core each. The figures size the pods (`cluster.nodes`): docs/cluster.md.
"""

import argparse
import itertools
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from benchmarks.cost.page import load_average
from components.push.serving_folder import stable_versions
from components.records.atomic import atomic_write
from components.records.catalogue import read_catalogue
from components.records.domain_signature import DOMAIN_PREFIX
from components.simulate import SimulateOptions, simulate
from pipelines.config import options_json, read_config
from pipelines.manifests.memory import limits_mib, measured_mib
from pipelines.nodes import NODES
from pipelines.workspace import Workspace

_PAGE = "cluster_nodes.md"
_REQUESTS_A_CUSTOMER = 10
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
_RUN, _UPDATE = "1", "2"


class Taken(NamedTuple):
    """What a task took."""

    task: str
    cpu_s: float
    peak_mib: float


def taken_by(data: Path, work: Path, settings: Sequence[str]) -> Iterator[Taken]:
    """Each task of a run, then those of the update of one domain.

    Raises:
        RuntimeError: A task failed.
    """
    place = [str(work), _RUN]
    yield _process("Plan", "plan", *place, str(data), options_json(read_config(None, settings)))
    for node in NODES:
        yield _process(node, "run", *place, node)
    domain = read_catalogue(data / "catalogue.jsonl").domains[0]
    for task, command in (("update: DomainTrainer", "train"), ("update: Update", "update")):
        yield _process(task, command, str(work), _UPDATE, domain, "", "domain.seed=3")


def _process(task: str, *words: str) -> Taken:
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "pipelines.node", *words],
        {**os.environ, **_ONE_THREAD},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{task} failed: {status}. Run it by hand: {shlex.join(words)}")
    return Taken(task, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024.0)


def page(
    found: Mapping[int, Sequence[Taken]],
    models: Sequence[tuple[str, float, int]],
    what: str,
    command: str,
    load: float,
) -> str:
    """The figures as a page.

    Args:
        found: What the tasks took, by the number of requests; the same tasks for each.
        models: Of the last number: name, what it takes in MiB, the limit of its server in MiB.
    """
    numbers = [f"{number:,} requests" for number in found]
    sums = [
        [
            str(round(sum(each.cpu_s for each in taken if _of_update(each) is update)))
            for taken in found.values()
        ]
        for update in (False, True)
    ]
    lines = [
        "# What the tasks of a run take",
        "",
        f"    {command}",
        "",
        what,
        f"One thread; load average {load:.1f} at the end: processor time and memory bear other work beside.",
        "A task's start, imports above all, is in its figures: the smallest ones are little else.",
        "",
        _row("task", *(f"CPU s, {number}" for number in numbers), *(f"peak MiB, {n}" for n in numbers)),
        _row("---", *["---:"] * 2 * len(numbers)),
        *(
            _row(each[0].task, *(f"{t.cpu_s:.1f}" for t in each), *(f"{t.peak_mib:.0f}" for t in each))
            for each in zip(*found.values(), strict=True)
        ),
        _row("run, all tasks", *sums[0], *[""] * len(numbers)),
        _row("update, all tasks", *sums[1], *[""] * len(numbers)),
        "",
        f"What a SavedModel takes in a server that has it warm ({numbers[-1]}), and what `arbiter manifests`",
        "gives a server:",
        "",
        _row("model", "MiB", "of its server"),
        _row("---", "---:", "---:"),
        *(_row(name, f"{size:.0f}", str(limit)) for name, size, limit in models),
        "",
    ]
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _of_update(taken: Taken) -> bool:
    return taken.task.startswith("update: ")


def _models(work: Path) -> list[tuple[str, float, int]]:
    """The shared models, and the largest and the smallest of the domains'."""
    serving = Workspace.at(work).serving
    folders = {model: serving / model / str(version) for model, version in stable_versions(serving).items()}
    sizes, limits = measured_mib(folders), limits_mib(folders)
    domains = sorted((name for name in sizes if name.startswith(DOMAIN_PREFIX)), key=sizes.__getitem__)
    shown = {name: name for name in sizes if name not in domains}
    shown |= {"the smallest domain": domains[0], "the largest domain": domains[-1]}
    return [(words, sizes[name], limits[name]) for words, name in shown.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints and writes the page. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="arbiter bench cluster_nodes", description=__doc__)
    parser.add_argument("--skills", type=int, default=800, metavar="N")
    parser.add_argument("--domains", type=int, default=8, metavar="N")
    parser.add_argument("--requests", type=int, nargs="+", default=[4_000, 16_000], metavar="N")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the runs")
    parser.add_argument("--output", type=Path, default=Path("docs/results"), metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    worlds = [
        SimulateOptions(
            skills=chosen.skills,
            domains=chosen.domains,
            customers=max(requests // _REQUESTS_A_CUSTOMER, 1),
            requests=requests,
            seed=3,
        )
        for requests in chosen.requests
    ]
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(len(worlds)) as side_by_side:
        folders = [Path(place) / str(world.requests) for world in worlds]
        settings = itertools.repeat([*chosen.set, "workers=1"])
        taken = list(side_by_side.map(_measured, worlds, folders, settings))
        models = _models(folders[-1] / "work")
    options = "options by default" + "".join(f", {setting}" for setting in chosen.set)
    what = (
        f"A simulated world of {chosen.skills:,} skills in {chosen.domains} domains, "
        f"{_REQUESTS_A_CUSTOMER} requests a customer; {options}."
    )
    found = dict(zip(chosen.requests, taken, strict=True))
    text = page(found, models, what, _command(chosen), load_average())
    print(text)
    atomic_write(chosen.output / _PAGE, text)
    return 0


def _measured(world: SimulateOptions, folder: Path, settings: Sequence[str]) -> list[Taken]:
    """What the tasks of one world take, each shown when it has ended."""
    simulate(folder / "data", world)
    found = []
    for each in taken_by(folder / "data", folder / "work", settings):
        print(
            f"{world.requests:>9,} {each.task:<24} {each.cpu_s:7.1f} s {each.peak_mib:6.0f} MiB", flush=True
        )
        found.append(each)
    return found


def _command(chosen: argparse.Namespace) -> str:
    sizes = ["--skills", chosen.skills, "--domains", chosen.domains, "--requests", *chosen.requests]
    settings = [word for setting in chosen.set for word in ("--set", setting)]
    return shlex.join(["arbiter", "bench", "cluster_nodes", *map(str, sizes), *settings])


if __name__ == "__main__":
    sys.exit(main())
