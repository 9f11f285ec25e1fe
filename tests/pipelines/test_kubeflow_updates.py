"""Domain updates as Kubeflow runs, all at once, each task a process of its own, on PostgreSQL."""

import json
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_model
from components.records.version_folder import folder_hash
from pipelines.cluster import compile_update
from pipelines.history import History
from pipelines.kubeflow.options import Cluster
from pipelines.kubeflow.submit import Submission, submit
from pipelines.nodes import DOMAINS, RANK
from pipelines.workspace import METADATA_URL, Workspace
from tests.pipelines.command import WHOLE, arbiter, printed_json, run
from tests.pipelines.kubeflow_api import Api, served
from tests.pipelines.served import ANY

pytestmark = pytest.mark.system
WORLD = ("--skills", 20, "--customers", 80, "--requests", 1200, "--seed", 5)
WORLD += ("--set", "zipf=0", "--set", "domains=10")
SETTINGS = " ".join(("domain.seed=3", *ANY[1::2]))


class Kubeflow(Api):
    """Executes what it is sent, every run at once."""

    def __init__(self, cluster, pool):
        super().__init__()
        self.cluster, self.pool = cluster, pool
        self.ends: dict[str, Future] = {}

    def start(self, run_id, body):
        spec = body["pipeline_spec"]
        given = body["runtime_config"]["parameters"]
        arguments = (spec["pipeline_spec"], spec["platform_spec"], run_id, given)
        self.ends[run_id] = self.pool.submit(self.cluster.run_spec, *arguments)

    def state(self, run_id):
        if not self.ends[run_id].done():
            return "RUNNING"
        return "SUCCEEDED" if self.ends[run_id].result() else "FAILED"


def in_service(work):
    """The hash of each version in service, by model and version."""
    versions = stable_versions(work / "serving")
    return {(m, v): folder_hash(work / "serving" / m / str(v)) for m, v in versions.items()}


def test_ten_updates_at_once_end_with_ten_pushes_and_nothing_else_changed(
    cluster, url, tmp_path, monkeypatch
):
    data, work, update = tmp_path / "data", tmp_path / "work", tmp_path / "update.yaml"
    monkeypatch.setenv(METADATA_URL, url)
    assert arbiter("simulate", data, *WORLD).exit_code == 0
    result = run(data, work, *WHOLE)
    assert result.exit_code == 0, result.output
    skills = map(json.loads, (data / "catalogue.jsonl").read_text().splitlines())
    domains = sorted({skill["domain"] for skill in skills})
    assert len(domains) == 10
    before, logged = in_service(work), len(log_of(work))
    expected = stable_versions(work / "serving")

    compile_update(Cluster(), workspace=str(work), output=update)
    monkeypatch.delenv(METADATA_URL)  # tasks have it from the pipeline's secret
    with ThreadPoolExecutor(len(domains)) as pool, served(Kubeflow(cluster, pool)) as host:
        done = submit(
            Submission(pipeline=update, host=host, parameters={"settings": SETTINGS}, wait=True, poll_s=1.0),
            each=[{"domain": domain} for domain in domains],
            at_once=len(domains),
        )
    assert not any(each.failed for each in done), cluster.printed

    monkeypatch.setenv(METADATA_URL, url)
    after = in_service(work)
    for domain in domains:
        model = domain_model(domain)
        [old] = [version for name, version in before if name == model]
        assert (model, old + 1) in after
        assert (model, old) not in after
    shared = {key for key in before if not key[0].startswith("domain-")}
    assert {key: after[key] for key in shared} == {key: before[key] for key in shared}
    assert len(after) == len(before)
    for (model, version), known in before.items():  # what was in service is there, byte for byte
        assert folder_hash(work / "serving" / model / str(version)) == known

    history = History(Workspace.at(work))
    lines = log_of(work)[logged:]
    pushed = [line for line in lines if line["outcome"] == "pushed"]
    assert sorted(line["model"] for line in pushed) == sorted(map(domain_model, domains))
    assert {line["outcome"] for line in lines} <= {"pushed", "superseded"}
    beside = [json.loads(made.parameters["in_service"]) for made in history.every(RANK)]
    for line in pushed:  # each was judged beside what those before it had put there
        assert expected in beside
        expected = expected | {line["model"]: line["version"]}
    trained = [made for made in history.every(DOMAINS) if made.parameters["domains"] != "[]"]
    assert len({made.outputs["models"] for made in trained}) == len(domains)  # each once, in its own task
    status = printed_json(arbiter("status", work, "--json"))
    assert {node["state"] for node in status["nodes"]} <= {"done", "cached"}


def log_of(work):
    return [json.loads(line) for line in (work / "serving/push_log.jsonl").read_text().splitlines()]
