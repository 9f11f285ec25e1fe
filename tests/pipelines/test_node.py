"""The nodes of a planned run, each launched on its own."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.ingest.report import read_report
from pipelines.history import History
from pipelines.live import announced_node, live_runs
from pipelines.node import app
from pipelines.plan import read_plan, write_plan
from pipelines.workspace import Workspace
from tests.ingest.dataset import jsonl, request, write_dataset
from tests.pipelines import toy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(tmp_path):
    return Workspace.at(tmp_path / "work")


def plan(workspace, run_id, **settings):
    write_plan(workspace, run_id, toy.pipeline(workspace, **settings), effects=(), anew=())


def node(workspace, run_id, name):
    return CliRunner().invoke(app, ["run", str(workspace.root), run_id, name])


def said(result):
    return result.stdout.splitlines()[-1].split()[:2]


def test_the_nodes_of_a_run_one_by_one_and_again_from_the_cache(workspace):
    for run_id, state in (("1", "done"), ("2", "cached")):
        plan(workspace, run_id)
        for name in toy.NODES:
            result = node(workspace, run_id, name)
            assert result.exit_code == 0, result.output
            assert said(result) == [state, name]
    newest = History(workspace).newest_output("Last", "out", "2")
    assert newest is not None
    assert Path(newest, "copy").read_text(encoding="utf-8") == "ok"


def test_a_plan_stays_as_it_was_first_made(workspace):
    plan(workspace, "1", text="first")
    plan(workspace, "1", text="second")
    assert node(workspace, "1", "Source").exit_code == 0
    newest = History(workspace).newest_output("Source", "out", "1")
    assert newest is not None
    assert Path(newest, "text").read_text(encoding="utf-8") == "first"


def test_a_mistake_is_not_tried_again(workspace):
    plan(workspace, "1", mode="fail")
    node(workspace, "1", "Source")
    first = node(workspace, "1", "Middle")
    assert first.exit_code == 2
    assert "`mode` must not be fail" in first.stderr
    executions = len(History(workspace).run("1").nodes)
    again = node(workspace, "1", "Middle")
    assert again.exit_code == 2
    assert "`mode` must not be fail" in again.stderr
    assert "not tried again" in again.stderr
    assert len(History(workspace).run("1").nodes) == executions


def test_a_node_whose_inputs_are_not_there_may_be_tried_again(workspace):
    plan(workspace, "1")
    result = node(workspace, "1", "Middle")
    assert result.exit_code == 1
    assert node(workspace, "1", "Source").exit_code == 0
    assert node(workspace, "1", "Middle").exit_code == 0


def test_a_killed_node_leaves_nothing_and_is_run_again(workspace):
    plan(workspace, "1", mode="kill once")
    node(workspace, "1", "Source")
    killed = subprocess.run(
        [sys.executable, "-m", "pipelines.node", "run", workspace.root, "1", "Middle"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9
    assert list(workspace.artifacts.glob("Middle/out/*/left behind"))
    result = node(workspace, "1", "Middle")
    assert said(result) == ["done", "Middle"], result.output
    [whole] = workspace.artifacts.glob("Middle/out/*")
    assert sorted(path.name for path in whole.iterdir()) == ["half", "whole"]
    assert node(workspace, "1", "Last").exit_code == 0


def test_a_node_runs_in_one_process_at_a_time(workspace):
    plan(workspace, "1")
    with announced_node(workspace, "1", "Source"), announced_node(workspace, "1", "Middle"):
        assert live_runs(workspace) == {"1"}
        result = node(workspace, "1", "Source")
    assert result.exit_code == 1
    assert "running elsewhere" in result.stderr
    assert live_runs(workspace) == frozenset()
    assert node(workspace, "1", "Source").exit_code == 0


def test_a_process_that_was_killed_is_not_taken_for_a_live_one(workspace):
    workspace.live.mkdir(parents=True)
    (workspace.live / "1@Source").touch()
    assert live_runs(workspace) == frozenset()
    with (workspace.live / "1@Source").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert live_runs(workspace) == {"1"}


def test_unknown_runs_and_nodes_are_mistakes(workspace):
    plan(workspace, "1")
    for run_id, name, words in (("1", "Nowhere", "Source, Middle, Last"), ("9", "Source", "no plan")):
        result = node(workspace, run_id, name)
        assert result.exit_code == 2
        assert words in result.stderr


def test_a_run_on_a_folder_that_grew_reads_what_is_new(workspace, tmp_path):
    def planned(run_id, cache="true"):
        place = [str(workspace.root), run_id, str(data)]
        result = CliRunner().invoke(app, ["plan", *place, '{"rankers": false}', cache])
        assert result.exit_code == 0, result.output
        graph, _, _ = read_plan(workspace, run_id)
        return [each.pipeline_node.node_info.id for each in graph.nodes]

    def span(run_id):
        result = node(workspace, run_id, "Ingest")
        assert result.exit_code == 0, result.output
        return said(result)[0], read_report(Path(newest("dead_letters"))).span

    def newest(output):
        return History(workspace).newest_output("Ingest", output)

    data = write_dataset(tmp_path / "data", {"a.jsonl": jsonl(request("1", "play", customer_id="c"))})
    assert "Earlier.state" not in planned("1")
    assert span("1") == ("done", 1)
    write_dataset(data, {"b.jsonl": jsonl(request("2", "stop", customer_id="d"))})
    assert "Earlier.state" in planned("2")
    planned("2")  # a task that is tried again
    assert span("2") == ("done", 2)
    planned("3")
    assert span("3") == ("cached", 2)
    assert "Earlier.state" not in planned("4", cache="false")
    assert span("4") == ("done", 1)


def test_a_plan_needs_a_dataset_and_a_configuration(workspace, tmp_path):
    def planned(data, config, cache="true"):
        return CliRunner().invoke(app, ["plan", str(workspace.root), "1", str(data), config, cache])

    assert planned(tmp_path / "none", "{}").exit_code == 2
    assert "is not a folder" in planned(tmp_path / "none", "{}").stderr
    wrong = planned(tmp_path, json.dumps({"shortlister": {"epochs": -1}}))
    assert wrong.exit_code != 0
    assert "epochs" in wrong.stderr
    assert "no JSON object" in planned(tmp_path, "[").stderr
    assert "must be true or false" in planned(tmp_path, "{}", "maybe").stderr
