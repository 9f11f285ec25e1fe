"""What each task of a cluster's run takes of a pod, in processor time and memory, and each model of a server.

A simulated world is run and one domain of it updated as on a cluster: every task in a process of its own, one
after the other, on one thread. Of each its processor time and its largest resident memory are told by the
kernel. The figures size the pods (`cluster.nodes`); docs/cluster.md says how they grow.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.cost.page import load_average
from benchmarks.cost.trained import cache_folder
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
        os.environ,
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
    found: Sequence[Taken], models: Sequence[tuple[str, float, int]], what: str, command: str, load: float
) -> str:
    """The figures as a page."""
    lines = [
        "# What the tasks of a run take",
        "",
        f"    {command}",
        "",
        what,
        f"One thread; load average {load:.1f} at the end: processor time and memory bear other work beside.",
        "A task's start, imports above all, is in its figures: the smallest ones are little else.",
        "",
        "| task | CPU s | peak MiB |",
        "|---|---:|---:|",
        *(f"| {each.task} | {each.cpu_s:.1f} | {each.peak_mib:.0f} |" for each in found),
        f"| run, all tasks | {sum(t.cpu_s for t in found if not _of_update(t)):.0f} | |",
        f"| update, all tasks | {sum(t.cpu_s for t in found if _of_update(t)):.0f} | |",
        "",
        "What a SavedModel takes in a server that has it warm, and what `arbiter manifests` gives a server:",
        "",
        "| model | MiB | of its server |",
        "|---|---:|---:|",
        *(f"| {name} | {size:.0f} | {limit} |" for name, size, limit in models),
        "",
    ]
    return "\n".join(lines)


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
    parser.add_argument("--skills", type=int, default=1_000, metavar="N")
    parser.add_argument("--customers", type=int, default=2_000, metavar="N")
    parser.add_argument("--requests", type=int, default=20_000, metavar="N")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the run")
    parser.add_argument("--work", type=Path, help="where the world and the workspace are made; must be new")
    parser.add_argument("--output", type=Path, default=Path("docs/results"), metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    folder = chosen.work or cache_folder() / "bench-cluster-nodes"
    counts = {name: getattr(chosen, name) for name in ("skills", "customers", "requests")}
    simulate(folder / "data", SimulateOptions(**counts, seed=3))
    found = []
    for each in taken_by(folder / "data", folder / "work", [*chosen.set, "workers=1"]):
        print(f"{each.task:<24} {each.cpu_s:7.1f} s {each.peak_mib:6.0f} MiB", flush=True)
        found.append(each)
    models = _models(folder / "work")
    size = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    options = "; options by default" + "".join(f", {setting}" for setting in chosen.set)
    what = f"A simulated world of {size}, {_domains(folder)} domains{options}."
    command = shlex.join(["arbiter", "bench", "cluster_nodes", *(arguments or sys.argv[1:])])
    text = page(found, models, what, command, load_average())
    print(text)
    atomic_write(chosen.output / _PAGE, text)
    return 0


def _domains(folder: Path) -> int:
    return len(read_catalogue(folder / "data" / "catalogue.jsonl").domains)


if __name__ == "__main__":
    sys.exit(main())
