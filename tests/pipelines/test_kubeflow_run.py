"""Compiled Kubeflow pipelines executed task by task, with PostgreSQL for the metadata."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines.cluster import compile_run
from pipelines.config import read_config
from pipelines.history import History
from pipelines.kubeflow import options
from pipelines.kubeflow.bridge import node_tasks
from pipelines.kubeflow.tasks import Parameter, RunId, Task, write_pipeline
from pipelines.workspace import METADATA_URL, Workspace
from tests.pipelines import toy
from tests.pipelines.command import TINY, WHOLE, arbiter, run

pytestmark = pytest.mark.system


@pytest.fixture
def toy_yaml(tmp_path):
    """Source → Middle → Last as a pipeline with the parameters work, text and mode."""
    given = (Parameter("work"), RunId(), Parameter("text"), Parameter("mode"))
    plan = Task(name="Plan", arguments=("-m", "tests.pipelines.toy_plan", *given))
    nodes = node_tasks(
        toy.pipeline(Workspace.at(tmp_path / "none")),
        lambda node: ("-m", "pipelines.node", "run", Parameter("work"), RunId(), node),
        after="Plan",
    )
    parameters = {"work": "", "text": "a", "mode": "ok"}
    write_pipeline("toy", parameters, [plan, *nodes], options.Cluster(), tmp_path / "toy.yaml")
    return tmp_path / "toy.yaml"


def states(cluster):
    return {task: said.splitlines()[0].split()[0] for task, said in cluster.printed.items() if said}


def test_a_toy_pipeline_runs_is_cached_and_survives_kills_and_mistakes(
    cluster, toy_yaml, tmp_path, url, monkeypatch
):
    work = tmp_path / "work"
    assert cluster.run(toy_yaml, "first", work=str(work)), cluster.printed
    assert cluster.run(toy_yaml, "second", work=str(work)), cluster.printed
    assert "cached Last" in cluster.printed["Last"]
    assert cluster.run(toy_yaml, "third", work=str(work), mode="kill once"), cluster.printed
    assert cluster.attempts["Middle"][2:] == [-9, 0]
    assert not cluster.run(toy_yaml, "fourth", work=str(work), mode="fail")
    assert cluster.attempts["Middle"][4:] == [2, 2, 2]
    assert "not tried again" in cluster.printed["Middle"]
    monkeypatch.setenv(METADATA_URL, url)
    failed = History(Workspace.at(work)).run("fourth")
    assert failed is not None
    assert len(cluster.attempts["Last"]) == 3
    newest = History(Workspace.at(work)).newest_output("Last", "out", "third")
    assert newest is not None
    assert Path(newest, "copy").read_text(encoding="utf-8") == "kill once"


def test_two_runs_at_once_do_not_disturb_each_other(cluster, toy_yaml, tmp_path, url, monkeypatch):
    work = tmp_path / "work"
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(cluster.run, toy_yaml, run_id, work=str(work), mode=run_id) for run_id in "xy"]
        assert all(each.result() for each in runs), cluster.printed
    monkeypatch.setenv(METADATA_URL, url)
    for run_id in "xy":
        newest = History(Workspace.at(work)).newest_output("Last", "out", run_id)
        assert newest is not None
        assert Path(newest, "copy").read_text(encoding="utf-8") == run_id


def test_the_whole_system_is_the_one_that_a_local_run_makes(cluster, tmp_path, url, monkeypatch):
    data, local, remote = (tmp_path / name for name in ("data", "local", "remote"))
    world = ("--skills", 6, "--customers", 60, "--requests", 700, "--seed", 5, "--set", "zipf=0")
    assert arbiter("simulate", data, *world).exit_code == 0
    assert run(data, local, *WHOLE).exit_code == 0
    yaml = tmp_path / "run.yaml"
    compile_run(read_config(None, (*TINY, *WHOLE)), data=str(data), workspace=str(remote), output=yaml)
    assert cluster.run(yaml, "first"), cluster.printed
    here, there = served(local), served(remote)
    assert here.keys() == there.keys()
    assert all(here.values())
    assert [
        (model, name) for model in here for name in here[model] if here[model][name] != there[model][name]
    ] == []
    assert "Push: pushed" in cluster.printed["Finish"]
    shown = tmp_path / "out/first/Show"
    assert b"<html" in (shown / "review").read_bytes()
    described = json.loads((shown / "output_metadata.json").read_text())["artifacts"]
    assert described["metrics"]["artifacts"][0]["metadata"]["blessed"] == 1
    monkeypatch.setenv(METADATA_URL, url)
    there = arbiter("review", remote)
    monkeypatch.delenv(METADATA_URL)
    here = arbiter("review", local)
    assert there.exit_code == here.exit_code == 0
    assert verdict(there) == verdict(here)


def served(work):
    """Model → the bytes of its weights, by file; the graph and the manifest name artifacts by number."""
    weights = ("model.tflite", "encoder/*.np[yz]", "variables/*")
    return {
        folder.parent.name: {
            path.relative_to(folder): path.read_bytes() for each in weights for path in folder.glob(each)
        }
        for folder in (work / "serving").glob("*/1")
    }


def verdict(result):
    """What is printed, but for the page's path."""
    return [line for line in result.stdout.splitlines() if not line.startswith("Review:")]
