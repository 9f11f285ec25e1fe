"""A system of ten domains on PostgreSQL: lost and restored; then every domain updated at once, each as a
Kubeflow run whose tasks are processes of their own."""

import dataclasses
import json
import os
import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_model
from components.records.version_folder import folder_hash
from pipelines.cluster import compile_update
from pipelines.history import History
from pipelines.kubeflow.options import Cluster
from pipelines.kubeflow.submit import Submission, submit
from pipelines.lock import shared
from pipelines.nodes import DOMAINS, RANK
from pipelines.workspace import METADATA_URL, Workspace
from tests.pipelines.command import WHOLE, arbiter, printed_json, run, states
from tests.pipelines.kubeflow_api import Api, served
from tests.pipelines.kubeflow_tasks import ROOT, executing
from tests.pipelines.served import ANY
from tests.postgres import empty_database

pytestmark = pytest.mark.system
WORLD = ("--skills", 20, "--customers", 80, "--requests", 900, "--seed", 5)
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


@dataclasses.dataclass
class System:
    """A workspace with a whole system in service, its dataset, and where its metadata is."""

    data: Path
    work: Path
    url: str


@pytest.fixture(scope="module")
def system(server, tmp_path_factory):
    root = tmp_path_factory.mktemp("ten")
    made = System(root / "data", root / "work", empty_database(server, "ten"))
    assert arbiter("simulate", made.data, *WORLD).exit_code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(METADATA_URL, made.url)
        result = run(made.data, made.work, *WHOLE)
    assert result.exit_code == 0, result.output
    return made


def script(name, *words, url):
    return subprocess.run(
        [ROOT / "k8s" / name, *words], env=os.environ | {METADATA_URL: url}, capture_output=True, check=False
    )


def test_what_was_lost_is_restored_and_goes_on(system, server, tmp_path, monkeypatch):
    before = in_service(system.work)
    with shared(Workspace.at(system.work).lock):
        busy = script("backup.sh", system.work, tmp_path / "backup", url=system.url)
    assert busy.returncode == 1
    assert b"is in use" in busy.stderr
    done = script("backup.sh", system.work, tmp_path / "backup", url=system.url)
    assert done.returncode == 0, done.stderr
    there = script("restore.sh", tmp_path / "backup", system.work, url=system.url)
    assert b"is there: move it away first" in there.stderr

    shutil.rmtree(system.work)
    system.url = empty_database(server, "restored")
    done = script("restore.sh", tmp_path / "backup", system.work, url=system.url)
    assert done.returncode == 0, done.stderr
    assert in_service(system.work) == before
    monkeypatch.setenv(METADATA_URL, system.url)
    again = run(system.data, system.work, *WHOLE)
    assert again.exit_code == 0, again.output
    assert set(states(again).values()) == {"cached"}
    assert in_service(system.work) == before
    domain = domains_of(system)[0]
    report = printed_json(arbiter("update", system.work, "--domain", domain, *ANY, "--json"))
    assert report["pushed"], report
    assert stable_versions(system.work / "serving")[domain_model(domain)] == 2


def test_ten_updates_at_once_end_with_ten_pushes_and_nothing_else_changed(system, tmp_path, monkeypatch):
    work, update = system.work, tmp_path / "update.yaml"
    cluster, domains = executing(system.url, tmp_path / "out"), domains_of(system)
    assert len(domains) == 10
    before, logged = in_service(work), len(log_of(work))
    expected = stable_versions(work / "serving")

    compile_update(Cluster(), workspace=str(work), output=update)
    with ThreadPoolExecutor(len(domains)) as pool, served(Kubeflow(cluster, pool)) as host:
        done = submit(
            Submission(pipeline=update, host=host, parameters={"settings": SETTINGS}, wait=True, poll_s=1.0),
            each=[{"domain": domain} for domain in domains],
            at_once=len(domains),
        )
    assert not any(each.failed for each in done), cluster.printed

    monkeypatch.setenv(METADATA_URL, system.url)  # tasks had it from the pipeline's secret
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
    trained = {
        made.outputs["models"] for made in history.every(DOMAINS) if 'seed":3' in made.parameters["options"]
    }
    assert len(trained) == len(domains)  # each once, in a task of its own
    status = printed_json(arbiter("status", work, "--json"))
    assert {node["state"] for node in status["nodes"]} <= {"done", "cached"}


def domains_of(system):
    skills = map(json.loads, (system.data / "catalogue.jsonl").read_text().splitlines())
    return sorted({skill["domain"] for skill in skills})


def log_of(work):
    return [json.loads(line) for line in (work / "serving/push_log.jsonl").read_text().splitlines()]
