"""Processes that run the toy graph in one workspace beside each other, and one of them that is killed.

Imports once and forks, as `killed_change` does.

    python -m tests.pipelines.beside WORKSPACE
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.history import History
from pipelines.workspace import Workspace
from tests.pipelines import toy

PROCESSES, RUNS = 4, 2
PATIENCE_S = 120


def _forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def _say(text: str) -> None:
    print(f"beside: {text}", flush=True)


def _states(root: Path, run_id: str) -> list[str]:
    last = History(Workspace.at(root)).last_run(toy.NODES)
    if last is None or last.run_id != run_id:
        raise SystemExit(f"the last run is {last}")
    return [node.state for node in last.nodes]


def main(root: Path) -> None:
    toy.run_beside(root)  # the metadata's tables are there

    def several(process: int) -> Callable[[], None]:
        return lambda: [toy.run_beside(root, text=f"{process}-{turn}") for turn in range(RUNS)] and None

    children = [_forked(several(process)) for process in range(PROCESSES)]
    ends = [os.waitpid(child, 0)[1] for child in children]
    _say(f"{PROCESSES} processes ended with {ends}")
    texts = sorted(path.read_text() for path in root.glob("artifacts/Source/out/*/text"))
    _say(f"made from {texts[:-1]}")  # the last is that of the first run

    hanging = _forked(lambda: toy.run_beside(root, mode="hang"))
    halves = Path(root, "artifacts/Middle/out")
    deadline = time.monotonic() + PATIENCE_S
    while not (half := [path for path in halves.glob("*") if not (path / "whole").exists()]):
        if time.monotonic() > deadline:
            os.kill(hanging, signal.SIGKILL)
            raise SystemExit("it never came to the node that hangs")
        time.sleep(0.01)
    [run_id] = [path.name for path in Workspace.at(root).live.glob("[!.]*")]
    _say(f"while one hangs: {_states(root, run_id)}")
    toy.run_beside(root, text="other")
    _say(f"another run leaves its half: {half[0].exists()}")
    os.kill(hanging, signal.SIGKILL)
    os.waitpid(hanging, 0)
    toy.run_beside(root, text="third")
    _say(f"the next run leaves its half: {half[0].exists()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
