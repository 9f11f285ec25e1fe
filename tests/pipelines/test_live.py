"""Runs beside each other: each knows which others go on, and clears up after none but the dead."""

import subprocess
import sys
import threading
from pathlib import Path

from pipelines.live import announced, live_runs, no_run_starts
from pipelines.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_is_live_from_its_start_to_its_end(tmp_path):
    workspace = Workspace.at(tmp_path)
    assert live_runs(workspace) == frozenset()
    with announced(workspace) as one, announced(workspace) as other:
        assert one != other
        assert live_runs(workspace) == {one, other}
    assert live_runs(workspace) == frozenset()


def test_nobody_starts_while_the_dead_are_told_from_the_living(tmp_path):
    workspace = Workspace.at(tmp_path)
    ids = []

    def start():
        with announced(workspace) as run_id:
            ids.append(run_id)

    with no_run_starts(workspace) as live:
        assert live == frozenset()
        thread = threading.Thread(target=start)
        thread.start()
        thread.join(0.2)
        assert not ids
    thread.join()
    assert len(ids) == 1


def test_runs_of_several_processes_stand_beside_each_other_and_one_that_is_killed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.pipelines.beside", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("beside: ")]
    assert said == [
        "4 processes ended with [0, 0, 0, 0]",
        "made from ['0-0', '0-1', '1-0', '1-1', '2-0', '2-1', '3-0', '3-1']",
        "while one hangs: ['cached', 'running', 'not run']",
        "another run leaves its half: True",
        "the next run leaves its half: False",
    ], done.stderr
    assert done.stdout.count("An earlier run was cut short in 1 node") == 1
