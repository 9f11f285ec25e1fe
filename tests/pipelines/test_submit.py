"""`arbiter compile` and `submit`, with the official client and a stand-in for the Kubeflow Pipelines API."""

import pytest

from pipelines.errors import CommandError
from pipelines.kubeflow import submit as module
from pipelines.kubeflow.submit import Submission, submit
from tests.pipelines.command import arbiter, printed_json
from tests.pipelines.kubeflow_api import Api, served

PIPELINE = """
components:
  comp-x: {executorLabel: exec-x, inputDefinitions: {parameters: {domain: {parameterType: STRING}}}}
deploymentSpec: {executors: {exec-x: {container: {image: "a:1", command: [python]}}}}
pipelineInfo: {name: x}
root:
  dag: {tasks: {x: {componentRef: {name: comp-x}, taskInfo: {name: x}}}}
  inputDefinitions: {parameters: {domain: {parameterType: STRING, isOptional: true, defaultValue: ""}}}
schemaVersion: 2.1.0
sdkVersion: kfp-2.16.1
"""


class Kubeflow(Api):
    """Runs that end when they have been looked at twice; `failing` names the domains whose runs fail."""

    def __init__(self, failing=()):
        super().__init__()
        self.failing = failing
        self.looks, self.most = {}, 0

    def start(self, run_id, body):
        self.looks[run_id] = 0
        self.most = max(self.most, sum(looks < 2 for looks in self.looks.values()))

    def state(self, run_id):
        self.looks[run_id] += 1
        domain = self.runs[int(run_id)]["runtime_config"]["parameters"].get("domain")
        end = "FAILED" if domain in self.failing else "SUCCEEDED"
        return end if self.looks[run_id] >= 2 else "RUNNING"


@pytest.fixture
def pipeline(tmp_path):
    path = tmp_path / "update.yaml"
    path.write_text(PIPELINE)
    return path


def test_a_run_for_each_domain_so_many_at_once(pipeline):
    kubeflow = Kubeflow(failing={"C"})
    with served(kubeflow) as host:
        done = submit(
            Submission(pipeline=pipeline, host=host, wait=True, poll_s=0.01),
            each=[{"domain": name} for name in "ABCDE"],
            at_once=2,
        )
    assert [run.name for run in done] == [f"update {name}" for name in "ABCDE"]
    assert [run.failed for run in done] == [False, False, True, False, False]
    assert all(run.ended for run in done)
    assert kubeflow.most == 2
    assert [run["runtime_config"]["parameters"] for run in kubeflow.runs] == [
        {"domain": name} for name in "ABCDE"
    ]


def test_a_run_that_fails_ends_the_command_with_1(pipeline, monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    with served(Kubeflow(failing={"A"})) as host:
        result = arbiter("submit", pipeline, "--host", host, "--domain", "A", "--wait", "--json")
    assert result.exit_code == 1
    assert printed_json(result) == [{"name": "update A", "run_id": "0", "state": "FAILED"}]


def test_a_schedule(pipeline):
    kubeflow = Kubeflow()
    words = ("--every", "0 0 3 * * 1", "--parameter", "domain=A", "--service-account", "runner")
    with served(kubeflow) as host:
        result = arbiter("submit", pipeline, "--host", host, *words)
    assert result.exit_code == 0, result.output
    [schedule] = kubeflow.schedules
    assert schedule["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 1"
    assert int(schedule["max_concurrency"]) == 1
    assert schedule["runtime_config"]["parameters"] == {"domain": "A"}
    assert schedule["service_account"] == "runner"
    assert "SCHEDULED" in result.stdout


def test_runs_in_a_namespace_of_their_own(pipeline):
    kubeflow = Kubeflow()
    with served(kubeflow) as host:
        words = ("--namespace", "arbiter", "--service-account", "pipeline-runner")
        result = arbiter("submit", pipeline, "--host", host, *words)
    assert result.exit_code == 0, result.output
    assert kubeflow.runs[0]["service_account"] == "pipeline-runner"
    assert any("namespace=arbiter" in path for path in kubeflow.paths)


def test_what_is_wrong_is_said(pipeline, tmp_path):
    assert arbiter("submit", tmp_path / "none.yaml", "--host", "http://127.0.0.1:9").exit_code == 2
    wrong = arbiter("submit", pipeline, "--host", "http://127.0.0.1:9", "--parameter", "domain")
    assert wrong.exit_code == 2
    assert "NAME=VALUE" in wrong.stderr
    both = arbiter("submit", pipeline, "--host", "http://h", "--every", "* * * * * *", "--wait")
    assert both.exit_code == 2


def test_a_host_that_does_not_answer(pipeline):
    with pytest.raises(CommandError, match=r"Kubeflow Pipelines at http://127\.0\.0\.1:9"):
        submit(Submission(pipeline=pipeline, host="http://127.0.0.1:9"))


def test_compile(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(
        "cluster:\n  image: registry.example/arbiter:7\n  nodes:\n    HypRankTrainer: {gpus: 1}\n"
    )
    for name, flags in (("run", ()), ("again", ()), ("update", ("--update", "--set", "cluster.nodes={}"))):
        result = arbiter("compile", "-o", tmp_path / f"{name}.yaml", "--config", config, *flags)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "run.yaml").read_bytes() == (tmp_path / "again.yaml").read_bytes()
    assert "registry.example/arbiter:7" in (tmp_path / "update.yaml").read_text()
    wrong = arbiter("compile", "-o", tmp_path / "x.yaml", "--set", 'cluster.nodes={"Nowhere": {}}')
    assert wrong.exit_code == 1
    assert "Nowhere" in wrong.stderr
