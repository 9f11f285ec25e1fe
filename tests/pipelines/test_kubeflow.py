"""A compiled Kubeflow pipeline against the graph that it was made from."""

from pathlib import Path

import kfp
import pytest
import yaml
from google.protobuf.json_format import ParseDict
from kfp.kubernetes.kubernetes_executor_config_pb2 import KubernetesExecutorConfig
from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineSpec

from pipelines.cluster import compile_run, compile_update
from pipelines.config import Config, read_config
from pipelines.graph import create_pipeline
from pipelines.kubeflow.bridge import node_tasks
from pipelines.kubeflow.options import Cluster, Resources, Secret
from pipelines.kubeflow.tasks import EXECUTOR_INPUT, Parameter, RunId, Task, write_pipeline
from pipelines.workspace import Workspace
from tests.pipelines import golden_files, toy
from tests.pipelines.golden_files import GPU


def documents(path):
    return [*yaml.safe_load_all(path.read_text()), {}][:2]


def toy_pipeline(tmp_path, cluster, name="toy.yaml", **options):
    workspace = Workspace.at(tmp_path)
    plan = Task(name="Plan", arguments=("-m", "plan", Parameter("work"), RunId()))
    nodes = node_tasks(toy.pipeline(workspace), lambda node: ("-m", "node", node), after="Plan")
    path = tmp_path / name
    write_pipeline("toy", {"work": "/w"}, [plan, *nodes], cluster, path, **options)
    return path


@pytest.fixture(scope="module")
def run_yaml(tmp_path_factory):
    path = tmp_path_factory.mktemp("compiled") / "run.yaml"
    cluster = Cluster(nodes={"ShortlisterTrainer": GPU})
    compile_run(Config(cluster=cluster), data="/arbiter/data", workspace="/arbiter/work", output=path)
    return path


def test_every_node_is_a_task_after_the_nodes_that_it_needs(run_yaml, tmp_path):
    spec, _ = documents(run_yaml)
    graph = create_pipeline(Config(), data=tmp_path, data_fingerprint="", workspace=Workspace.at(tmp_path))
    tasks = {
        task["taskInfo"]["name"]: task
        for task in spec["components"]["comp-exit-handler-1"]["dag"]["tasks"].values()
    }
    key = {name: task["componentRef"]["name"].removeprefix("comp-") for name, task in tasks.items()}
    needs = {node.id: {up.id for up in node.upstream_nodes} or {"Plan"} for node in graph.components}
    assert set(tasks) == {"Plan", "Show", *needs}
    assert tasks["Show"]["dependentTasks"] == ["review"]
    for node, needed in needs.items():
        assert set(tasks[node]["dependentTasks"]) == {key[each] for each in needed}
    assert "dependentTasks" not in tasks["Plan"]


def test_the_last_task_runs_whatever_came_of_the_others(run_yaml):
    spec, _ = documents(run_yaml)
    finish = spec["root"]["dag"]["tasks"]["finish"]
    assert finish["triggerPolicy"]["strategy"] == "ALL_UPSTREAM_TASKS_COMPLETED"
    assert finish["dependentTasks"] == ["exit-handler-1"]


def test_kubeflow_reads_what_it_is_given(run_yaml):
    read = kfp.components.load_component_from_file(str(run_yaml))
    assert read.pipeline_spec.schema_version == "2.1.0"
    assert set(read.component_spec.inputs) == {"data", "workspace", "config", "cache"}


def test_what_a_pod_gets(run_yaml):
    spec, platform = documents(run_yaml)
    executor = spec["deploymentSpec"]["executors"]["exec-shortlistertrainer"]["container"]
    assert executor["image"] == "arbiter:0.1.0"
    assert executor["args"][:3] == ["-m", "pipelines.node", "run"]
    assert executor["args"][-1] == "ShortlisterTrainer"
    resources = executor["resources"]
    assert resources["resourceCpuRequest"] == "8"
    assert resources["resourceMemoryRequest"] == "32Gi"
    assert resources["resourceMemoryLimit"] == "48Gi"
    assert resources["accelerator"]["resourceType"] == "nvidia.com/gpu"
    assert resources["accelerator"]["resourceCount"] == "2"
    pods = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    pod = pods["exec-shortlistertrainer"]
    assert pod["nodeSelector"]["labels"] == {"pool": "gpu"}
    assert pod["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "team", "operator": "Equal", "value": "nlu", "effect": "NoExecute"},
    ]
    assert pod["activeDeadlineSeconds"] == "3600"
    task = spec["components"]["comp-exit-handler-1"]["dag"]["tasks"]["shortlistertrainer"]
    assert task["retryPolicy"] == {
        "maxRetryCount": 4,
        "backoffDuration": "5s",
        "backoffFactor": 2.0,
        "backoffMaxDuration": "600s",
    }
    for each in pods.values():
        assert each["securityContext"] == {"runAsUser": "1000", "runAsGroup": "1000", "runAsNonRoot": True}
        assert each["pvcMount"][0]["mountPath"] == "/arbiter"
        assert each["secretAsEnv"][0]["keyToEnv"] == [{"envVar": "ARBITER_METADATA", "secretKey": "url"}]


def test_the_cluster_s_cache_is_off_everywhere(run_yaml):
    spec, _ = documents(run_yaml)
    dags = [spec["root"]["dag"], spec["components"]["comp-exit-handler-1"]["dag"]]
    for dag in dags:
        for name, task in dag["tasks"].items():
            assert not task.get("cachingOptions", {}).get("enableCache"), name


def test_the_configuration_of_the_page_on_clusters(tmp_path):
    text = (Path(__file__).resolve().parents[2] / "docs/cluster.md").read_text()
    (tmp_path / "config.yaml").write_text(text.partition("```yaml\n")[2].partition("```")[0])
    config = read_config(tmp_path / "config.yaml")
    compile_run(config, data="/arbiter/data", workspace="/arbiter/work", output=tmp_path / "run.yaml")
    compile_update(config.cluster, workspace="/arbiter/work", output=tmp_path / "update.yaml")
    run, update = (
        {
            name: executor["container"]["resources"]
            for name, executor in documents(tmp_path / file)[0]["deploymentSpec"]["executors"].items()
        }
        for file in ("run.yaml", "update.yaml")
    )
    assert run["exec-shortlistertrainer"]["accelerator"]["resourceCount"] == "1"
    for each in (run, update):  # as many processes as the pod has been promised cores
        assert each["exec-domaintrainer"]["resourceCpuRequest"] == str(config.workers)


def test_no_secret_is_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("ARBITER_METADATA", "postgresql://me:hunter2@db/arbiter")
    compile_run(Config(), data="/d", workspace="/w", output=tmp_path / "run.yaml")
    assert "hunter2" not in (tmp_path / "run.yaml").read_text()


def test_equal_graphs_give_equal_bytes(tmp_path):
    first = toy_pipeline(tmp_path, Cluster())
    second = toy_pipeline(tmp_path, Cluster(), "again.yaml")
    assert first.read_bytes() == second.read_bytes()
    other = toy_pipeline(tmp_path, Cluster(image="arbiter:2"), "other.yaml")
    assert first.read_bytes() != other.read_bytes()


def test_a_cluster_without_volume_secrets_and_retries(tmp_path):
    bare = Cluster(claim="", secrets=(), default=Resources(retries=0), pull_secret="registry")
    spec, platform = documents(toy_pipeline(tmp_path, bare))
    assert "retryPolicy" not in spec["root"]["dag"]["tasks"]["middle"]
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    for pod in executors.values():
        assert set(pod) == {"imagePullSecret", "securityContext"}


def test_a_task_that_puts_out_artifacts(tmp_path):
    show = Task(
        name="Show", arguments=("-m", "show", EXECUTOR_INPUT), outputs={"page": kfp.dsl.HTML}, after=()
    )
    write_pipeline("shown", {}, [show], Cluster(secrets=()), tmp_path / "shown.yaml")
    spec, _ = documents(tmp_path / "shown.yaml")
    artifact = spec["components"]["comp-show"]["outputDefinitions"]["artifacts"]["page"]
    assert artifact["artifactType"]["schemaTitle"] == "system.HTML"
    assert "{{$}}" in spec["deploymentSpec"]["executors"]["exec-show"]["container"]["args"]


@pytest.mark.parametrize("name", golden_files.FILES)
def test_the_golden_files_are_what_is_written(name, tmp_path):
    golden_files.FILES[name](tmp_path / name)
    known = (golden_files.FOLDER / name).read_text()
    assert (tmp_path / name).read_text() == known, "wanted? python -m tests.pipelines.golden_files"


@pytest.mark.parametrize("name", golden_files.FILES)
def test_kubeflow_s_own_forms_hold_every_field(name):
    path = golden_files.FOLDER / name
    kfp.components.load_component_from_file(str(path))
    spec, platform = documents(path)
    ParseDict(spec, PipelineSpec())  # raises for a field that there is not
    pods = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert set(pods) == set(spec["deploymentSpec"]["executors"])
    for pod in pods.values():
        ParseDict(pod, KubernetesExecutorConfig())


def test_resources_of_what_is_no_task_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Middle, Plan, Source\. Received: Nowhere"):
        toy_pipeline(tmp_path, Cluster(nodes={"Nowhere": Resources()}))


def test_an_update_trains_in_a_task_of_its_own(tmp_path):
    nodes = {"DomainTrainer": GPU, "ShortlisterTrainer": GPU, "Update": Resources(cpu="3")}
    cluster = Cluster(nodes=nodes)  # a run's as well
    compile_update(cluster, workspace="/arbiter/work", output=tmp_path / "update.yaml")
    spec, platform = documents(tmp_path / "update.yaml")
    tasks = spec["components"]["comp-exit-handler-1"]["dag"]["tasks"]
    needs = {task["taskInfo"]["name"]: task.get("dependentTasks") for task in tasks.values()}
    assert needs == {"DomainTrainer": None, "Update": ["domaintrainer"], "Show": ["update"]}
    executors = spec["deploymentSpec"]["executors"]
    for name, command in (("domaintrainer", "train"), ("update", "update")):
        inputs = tasks[name]["inputs"]["parameters"]
        assert set(inputs) == {"workspace", "domain", "data", "settings"}
        assert executors[f"exec-{name}"]["container"]["args"][:3] == ["-m", "pipelines.node", command]
    trains, judges = (
        executors[f"exec-{name}"]["container"]["resources"] for name in ("domaintrainer", "update")
    )
    assert trains["accelerator"]["resourceCount"] == "2"
    assert "accelerator" not in judges
    assert judges["resourceCpuRequest"] == "3"
    pods = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert pods["exec-domaintrainer"]["nodeSelector"]["labels"] == {"pool": "gpu"}
    assert "nodeSelector" not in pods["exec-update"]
    with pytest.raises(ValueError, match=r"Update\. Received: Nowhere"):
        compile_update(Cluster(nodes={"Nowhere": GPU}), workspace="/w", output=tmp_path / "update.yaml")


@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        (Resources, {"cpu": "many"}, "`cpu` must be a Kubernetes quantity"),
        (Resources, {"memory": "8 GB"}, "`memory` must be a Kubernetes quantity"),
        (Resources, {"gpus": -1}, "`gpus` must not be negative"),
        (Resources, {"backoff_factor": 0.5}, "`backoff_factor` must be at least 1"),
        (Cluster, {"image": "arbiter"}, "`image` must be pinned"),
        (Cluster, {"image": "registry.example:5000/arbiter:latest"}, "`image` must be pinned"),
        (Cluster, {"user": 0}, "`user` must not be root"),
        (Cluster, {"mount": "data"}, "`mount` must be absolute"),
    ],
)
def test_wrong_values_are_named(kind, wrong, words):
    with pytest.raises(ValueError, match=words):
        kind(**wrong)


def test_a_digest_is_a_pin():
    digest = "registry.example/arbiter@sha256:" + "0" * 64
    assert Cluster(image=digest, secrets=(Secret(variable="A", secret="b", key="c"),)).image == digest
