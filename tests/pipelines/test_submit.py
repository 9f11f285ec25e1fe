"""`arbiter compile` and `submit`, with the official client and a stand-in for the Kubeflow Pipelines API."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipelines.errors import CommandError
from pipelines.kubeflow import submit as module
from pipelines.kubeflow.submit import Submission, submit
from tests.pipelines.command import arbiter, printed_json

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


class Kubeflow:
    """Runs that end when they have been looked at twice; `failing` names the domains whose runs fail."""

    def __init__(self, failing=()):
        self.failing = failing
        self.runs, self.looks, self.schedules, self.most = [], {}, [], 0

    def answer(self, method, path, body):
        resource, _, name = path.partition("?")[0].removeprefix("/apis/v2beta1/").partition("/")
        if resource == "healthz":
            return {"multi_user": False}
        if resource == "experiments":
            return {"experiment_id": "e", "display_name": "arbiter", "experiments": []}
        if resource == "recurringruns":
            self.schedules.append(body)
            return {"recurring_run_id": "s1", **body}
        if method == "POST":
            self.runs.append(body)
            run_id = str(len(self.runs) - 1)
            self.looks[run_id] = 0
            self.most = max(self.most, sum(looks < 2 for looks in self.looks.values()))
            return {"run_id": run_id, **body}
        self.looks[name] += 1
        domain = self.runs[int(name)]["runtime_config"]["parameters"].get("domain")
        end = "FAILED" if domain in self.failing else "SUCCEEDED"
        return {"run_id": name, "state": end if self.looks[name] >= 2 else "RUNNING"}


@contextmanager
def served(kubeflow: Kubeflow) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            answer = json.dumps(kubeflow.answer(self.command, self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 (the server's names)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
    words = ("--every", "0 0 3 * * 1", "--parameter", "domain=A")
    with served(kubeflow) as host:
        result = arbiter("submit", pipeline, "--host", host, *words)
    assert result.exit_code == 0, result.output
    [schedule] = kubeflow.schedules
    assert schedule["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 1"
    assert int(schedule["max_concurrency"]) == 1
    assert schedule["runtime_config"]["parameters"] == {"domain": "A"}
    assert "SCHEDULED" in result.stdout


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
