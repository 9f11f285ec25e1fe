"""The manifests against the schemas of Kubernetes, and against each other."""

import copy
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from components.records.models_config import ModelConfig, write_models_config
from components.records.request import Request
from components.records.slug import slug
from components.router.api.answers import RouteAnswer
from components.router.service.metrics import Metrics
from components.router.service.store import Routed
from pipelines.errors import CallError, CommandError
from pipelines.manifests import write
from pipelines.manifests.model_server import ModelServer
from pipelines.manifests.write import write_manifests
from pipelines.workspace import Workspace
from tests.k8s.checks import problems
from tests.k8s.kustomize import build, key

K8S = Path(__file__).resolve().parents[2] / "k8s"
OVERLAYS = ("one-node", "production")
VERSIONS = ("1.35", "1.36", "1.37")
"""The three newest that kubernetes-validate knows."""
CUSTOM = "monitoring.coreos.com/v1"
"""The Prometheus operator's kinds, whose schemas are not Kubernetes' own."""


@pytest.fixture(params=OVERLAYS)
def objects(request):
    return build(K8S / "overlays" / request.param)


def valid(objects):
    for version in VERSIONS:
        for each in objects:
            if each["apiVersion"] != CUSTOM:
                kubernetes_validate.validate(each, version, strict=True)  # raises, for an unknown kind too


def test_every_object_has_its_schema_s_form(objects):
    valid(objects)


def test_the_objects_fit_together(objects):
    assert problems(objects) == []


def test_the_pod_for_work_by_hand_fits_in(objects):
    pod = yaml.safe_load((K8S / "shell.yaml").read_text())
    valid([pod])
    probes = {"readinessProbe": {}, "livenessProbe": {}}
    containers = [container | probes for container in pod["spec"]["containers"]]  # nobody calls it
    deployment = {
        "kind": "Deployment",
        "metadata": pod["metadata"],
        "spec": {
            "selector": {"matchLabels": {"app.kubernetes.io/name": "shell"}},
            "template": {"metadata": pod["metadata"], "spec": pod["spec"] | {"containers": containers}},
        },
    }
    assert problems([*objects, deployment]) == []


def test_alerts_ask_for_figures_that_there_are(objects):
    [rules] = [each for each in objects if each["kind"] == "PrometheusRule"]
    asked = [rule["expr"] for group in rules["spec"]["groups"] for rule in group["rules"]]
    metrics = Metrics()
    routed = Routed(request=Request(request_id="1", utterance="play"), chosen=None, accepted=False, models={})
    metrics.answered(routed, RouteAnswer(request_id="1", accepted=False, hypotheses=()), 0.1)
    page = metrics.page().decode()
    shown = {f"{name}{end}" for name in re.findall(r"# TYPE (\w+)", page) for end in ("", "_bucket")}
    assert set(re.findall(r"arbiter_\w+", " ".join(asked))) <= shown
    figures = set(re.findall(r'figure="(\w+)"', page))
    assert set(re.findall(r'figure="(\w+)"', " ".join(asked))) <= figures
    jobs = {
        service["metadata"]["labels"][monitor["spec"]["jobLabel"]]
        for monitor in objects
        if monitor["kind"] == "ServiceMonitor"
        for service in objects
        if service["kind"] == "Service"
        and monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    }
    assert set(re.findall(r'job="([\w-]+)"', " ".join(asked))) == jobs


@pytest.mark.parametrize("model", ["shortlister", "hyprank"])
def test_the_shared_servers_are_what_the_template_makes(model):
    assert (K8S / "base" / f"{model}.yaml").read_text() == ModelServer(model=model, replicas=2).manifest()


def changed(objects, kind, name, change):
    """The objects with one of them changed."""
    again = copy.deepcopy(objects)
    [found] = [each for each in again if key(each)[::2] == (kind, name)]
    change(found)
    return again


@pytest.mark.parametrize(
    ("kind", "name", "change", "words"),
    [
        ("Service", "router", lambda s: s["spec"]["selector"].update(a="b"), "it selects no pod"),
        ("Service", "router", lambda s: s["spec"]["ports"][0].update(targetPort="x"), "have no port x"),
        (
            "HorizontalPodAutoscaler",
            "router",
            lambda h: h["spec"].update(minReplicas=99),
            "not within its bounds",
        ),
        (
            "Deployment",
            "router",
            lambda d: d["spec"]["template"]["spec"]["containers"][0].update(image="arbiter:latest"),
            "is not pinned",
        ),
        (
            "Deployment",
            "router",
            lambda d: d["spec"]["template"]["spec"]["containers"][0].pop("readinessProbe"),
            "has no readinessProbe",
        ),
        (
            "ConfigMap",
            "model-server",
            lambda c: c["metadata"].update(name="other"),
            "no configMap model-server",
        ),
        (
            "NetworkPolicy",
            "deny-by-default",
            lambda n: n["spec"].update(policyTypes=["Ingress"]),
            "no network policy denies",
        ),
    ],
)
def test_the_checks_find_what_is_wrong(kind, name, change, words):
    broken = changed(build(K8S / "overlays" / "production"), kind, name, change)
    assert any(words in problem for problem in problems(broken))


NAMES = ("Home & Garden", "music", "shortlister", "../x", "🎵", "a" * 80)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with models of awkward names in service; each takes as much memory as its name is long."""
    workspace = Workspace.at(tmp_path / "work")
    models = ["shortlister", "hyprank", *(f"domain-{slug(name)}" for name in NAMES)]
    serve(workspace, models)
    monkeypatch.setattr(write, "limits_mib", lambda folders: {m: 64 * len(m) for m in folders})
    return workspace


def serve(workspace, models):
    configs = tuple(
        ModelConfig(name=m, base_path=str(workspace.serving / m), versions=(3,), labels={"stable": 3})
        for m in models
    )
    workspace.serving.mkdir(parents=True, exist_ok=True)
    write_models_config(workspace.serving / "models.config", configs)


def test_a_workspace_s_manifests_need_no_hand(workspace, tmp_path):
    destination = tmp_path / "made"
    servers = write_manifests(workspace, destination, K8S / "overlays/production", pods_see="/arbiter/work")
    objects = build(destination)
    valid(objects)
    assert problems(objects) == []
    for server in servers:
        [deployment] = [each for each in objects if key(each)[::2] == ("Deployment", server.host)]
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert container["resources"]["limits"]["memory"] == f"{64 * len(server.model)}Mi"
        assert f"--model_config_file=/arbiter/work/serving/{server.model}/models.config" in container["args"]


def test_a_domain_that_has_gone_loses_its_file(workspace, tmp_path):
    destination = tmp_path / "made"
    for models in (["shortlister", "domain-music", "domain-travel"], ["shortlister", "domain-music"]):
        serve(workspace, models)
        write_manifests(workspace, destination, K8S / "overlays/production", pods_see="/w")
    assert {path.name for path in destination.iterdir()} == {
        "kustomization.yaml",
        "domain-music.yaml",
        "shortlister-memory.yaml",
    }
    listed = yaml.safe_load((destination / "kustomization.yaml").read_text())
    assert listed["resources"][1:] == ["domain-music.yaml"]


def test_without_a_system_or_an_overlay_it_says_so(workspace, tmp_path):
    with pytest.raises(CallError, match=r"has no kustomization\.yaml"):
        write_manifests(workspace, tmp_path / "made", tmp_path, pods_see="/w")
    serve(workspace, [])
    with pytest.raises(CommandError, match="no model in service"):
        write_manifests(workspace, tmp_path / "made", K8S / "overlays/production", pods_see="/w")
