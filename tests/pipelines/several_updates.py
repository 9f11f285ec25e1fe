"""Updates that finish together: of two domains, of one of them twice, and one that is killed on its way.

Imports once and forks, as `killed_change` does. Those that live wait for each other right before their first
push, so that each has been judged with what was in service when they started. No push asks a server for what
was recorded: that is most of its time, and tested beside it.

    python -m tests.pipelines.several_updates WORK KILLED DOMAIN…

Updates KILLED, which dies before its re-ranker is trained, and each DOMAIN, each with a seed of its own, all
at once. Prints one line each: `update: DOMAIN ` and its report as JSON, or the signal that ended it.
"""

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from pipelines.update import update
from pipelines.update_plan import UpdateRequest
from pipelines.workspace import Workspace
from tests.pipelines.served import ANY, all_reproduced

MODULES = ("pipelines.local", "pipelines.update_graph", "components.domain.run")
PATIENCE_S = 600


def _die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _together(barrier: object) -> Callable[..., object]:
    """The push, which waits for the others' when it is called for the first time."""
    executor = importlib.import_module("components.push.executor")
    original, waited = executor.push, False

    def push(*arguments: object, **options: object) -> object:
        nonlocal waited
        if not waited:
            waited = True
            barrier.wait(PATIENCE_S)
        return original(*arguments, **options)

    return push


def main(work: Path, killed: str, *domains: str) -> None:
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("components.push.push").reproduce = all_reproduced
    barrier = multiprocessing.get_context("fork").Barrier(len(domains))
    children = {}
    for seed, domain in enumerate((killed, *domains)):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            if domain == killed:
                importlib.import_module("components.reranker.executor").train_all = _die
            else:
                importlib.import_module("components.push.executor").push = _together(barrier)
            try:
                request = UpdateRequest(domain=domain, settings=(f"domain.seed={seed}", *ANY[1::2]))
                os.write(write, msgspec.json.encode(update(Workspace.at(work), request, quiet=True)))
            finally:
                os._exit(0)
        os.close(write)
        children[child] = domain, read
    for child, (domain, read) in children.items():
        with os.fdopen(read, "rb") as answers:
            report = answers.read().decode()
        status = os.waitpid(child, 0)[1]
        print(f"update: {domain} {report or os.WTERMSIG(status)}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
