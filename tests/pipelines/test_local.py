"""The runner on three toy nodes: lines, cache, failures, a kill in the middle."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import CommandError
from pipelines.history import History
from pipelines.workspace import Workspace
from tests.pipelines import toy

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import pathlib, sys
from tests.pipelines.toy import run
run(pathlib.Path(sys.argv[1]), "1", mode="kill")
"""


def _lines(capsys):
    return [tuple(line.split()[:2]) for line in capsys.readouterr().out.splitlines()]


def _outputs(root):
    return sorted(str(path.relative_to(root / "artifacts")) for path in root.glob("artifacts/*/out/*"))


def test_one_line_per_node_and_the_rest_in_the_log(tmp_path, capsys):
    toy.run(tmp_path, "1")
    assert _lines(capsys) == [("done", "Source"), ("done", "Middle"), ("done", "Last")]
    log = (tmp_path / "logs" / "run-1.log").read_text(encoding="utf-8")
    assert "Middle says this on standard output" in log


def test_a_second_run_is_cached_and_a_change_runs_only_what_depends_on_it(tmp_path, capsys):
    toy.run(tmp_path, "1")
    toy.run(tmp_path, "2")
    toy.run(tmp_path, "3", mode="other")
    assert _lines(capsys)[3:] == [
        *(("cached", node) for node in ("Source", "Middle", "Last")),
        ("cached", "Source"),
        ("done", "Middle"),
        ("done", "Last"),
    ]
    history = History(Workspace.at(tmp_path))
    newest = history.newest_output("Last", "out")
    assert newest is not None
    assert Path(newest, "copy").read_text(encoding="utf-8") == "other"


def test_until_stops_after_the_node_and_what_it_needs(tmp_path, capsys):
    toy.run(tmp_path, "1", until=("Middle",))
    assert _lines(capsys) == [("done", "Source"), ("done", "Middle")]


def test_an_effect_is_taken_from_the_cache_only_while_it_is_the_newest(tmp_path, capsys):
    for run_id, mode in enumerate(("one", "one", "two", "one", "one")):
        toy.run(tmp_path, str(run_id), mode=mode, effects=("Last",))
    lasts = [state for state, node in _lines(capsys) if node == "Last"]
    assert lasts == ["done", "cached", "done", "done", "cached"]


def test_a_node_can_be_run_anew(tmp_path, capsys):
    toy.run(tmp_path, "1")
    toy.run(tmp_path, "2", anew=("Last",))
    assert [state for state, _ in _lines(capsys)[3:]] == ["cached", "cached", "done"]


def test_a_failing_node_says_what_and_where_and_leaves_nothing(tmp_path, capsys):
    with pytest.raises(CommandError) as caught:
        toy.run(tmp_path, "1", mode="fail")
    assert caught.value.what == "Middle failed: `mode` must not be fail. Received: mode='fail'"
    assert str(tmp_path / "logs" / "run-1.log") in caught.value.do
    assert caught.value.exit_code == 1
    assert _lines(capsys) == [("done", "Source"), ("failed", "Middle")]
    assert _outputs(tmp_path) == ["Source/out/1"]


def test_a_killed_run_leaves_no_half_written_artifact_and_goes_on(tmp_path, capsys):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -9
    half = tmp_path / "artifacts" / "Middle" / "out" / "2"
    assert os.listdir(half) == ["half"]
    last = History(Workspace.at(tmp_path)).last_run(toy.NODES)
    assert last is not None
    assert [node.state for node in last.nodes] == ["done", "killed", "not run"]

    toy.run(tmp_path, "2")
    lines = capsys.readouterr().out
    assert "An earlier run was cut short" in lines
    assert [line.split()[0] for line in lines.splitlines()[1:]] == ["cached", "done", "done"]
    assert not half.exists()
    assert _outputs(tmp_path) == ["Last/out/5", "Middle/out/4", "Source/out/1"]
