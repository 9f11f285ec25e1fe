"""compose.yaml: whether its parts fit each other, the programs they start, and what k8s/ says of the same."""

from pathlib import Path

import pytest
import typer
import yaml

from components.server.flags import parsed
from pipelines.cli import app
from pipelines.manifests.model_server import IMAGE, ModelServer
from tests.images.alerts import FILE, alerts
from tests.images.engine import ROOT
from tests.images.one_host import composition, mounts, published
from tests.k8s.checks import pods
from tests.k8s.kustomize import build, key

SERVICES = composition()["services"]
FOREVER = [name for name, service in SERVICES.items() if "profiles" not in service]
BASE = build(ROOT / "k8s/overlays/one-node")
COMPOSE = ROOT / "compose"


def manifest(kind, name):
    [found] = [each for each in BASE if key(each)[::2] == (kind, name)]
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_and_a_pinned_image(name):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service)
    tag = service["image"].rpartition("/")[2].partition(":")[2]
    assert tag not in ("", "latest")
    assert all(address == "127.0.0.1" for address, _, _ in published(service))


@pytest.mark.parametrize("name", FOREVER)
def test_a_service_says_when_it_is_well_and_what_it_may_take(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert "mem_limit" in service


def test_what_services_name_is_there():
    volumes = composition()["volumes"]
    for service in SERVICES.values():
        for source, _, written in mounts(service):
            assert source in volumes or ((ROOT / source).is_file() and not written)
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[other]
        for text in (service.get("environment") or {}).values():
            assert text is None or "PASSWORD" not in text or "${POSTGRES_PASSWORD:?" in text
        if "build" in service:
            assert f" AS {service['build']['target']}\n" in (ROOT / "Dockerfile").read_text()
    hosts = [port for service in SERVICES.values() for _, port, _ in published(service)]
    assert len(hosts) == len(set(hosts))


def test_images_are_those_of_the_cluster():
    used = {container["image"] for _, template in pods(BASE) for container in template["spec"]["containers"]}
    assert SERVICES["serving"]["image"] == IMAGE
    assert {SERVICES[name]["image"] for name in SERVICES if name != "prometheus"} <= used


def test_tf_serving_is_started_as_on_the_cluster():
    given = SERVICES["serving"]["command"]
    options = parsed(given)
    made = manifest_of_a_server().replace("serving/shortlister/models.config", "serving/models.config")
    differs = {"--model_config_file_poll_wait_seconds=5"}
    assert all(f"- {flag}\n" in made for flag in set(given) - differs)
    [(_, config, _)] = [mount for mount in mounts(SERVICES["serving"]) if mount[0].endswith(".txt")]
    assert options.monitoring_config_file == config
    assert options.port == port_of(SERVICES["router"]["command"], "--server=serving:")


def manifest_of_a_server():
    return ModelServer(model="shortlister").manifest()


def port_of(command, start):
    [found] = [int(word.removeprefix(start)) for word in command if word.startswith(start)]
    return found


def test_the_router_s_command_is_one_that_arbiter_takes():
    program, command, *arguments = SERVICES["router"]["command"]
    assert program == "arbiter"
    context = typer.main.get_command(app).commands[command].make_context(command, arguments)
    assert context.params["host"] == "0.0.0.0"
    ports = {inside for _, _, inside in published(SERVICES["router"])}
    assert ports == {context.params["http"], context.params["router_grpc"]}
    [container] = manifest("Deployment", "router")["spec"]["template"]["spec"]["containers"]
    on_the_cluster = [*container["command"], *container["args"]]
    assert [word for word in SERVICES["router"]["command"] if "--server" not in word] == [
        word for word in on_the_cluster if "--server" not in word
    ]


def test_what_the_cluster_says_too_is_said_alike():
    assert FILE.read_text() == alerts(), "run: python -m tests.images.alerts"
    assert yaml.safe_load(alerts()) == {"groups": manifest("PrometheusRule", "arbiter")["spec"]["groups"]}
    texts = manifest("ConfigMap", "model-server")["data"]
    assert (COMPOSE / "monitoring.txt").read_text() == texts["monitoring.txt"]
    assert (COMPOSE / "databases.sql").read_text() == manifest("ConfigMap", "postgres-init")["data"][
        "databases.sql"
    ]


def test_prometheus_asks_ports_that_answer():
    jobs = {
        job["job_name"]: job
        for job in yaml.safe_load((COMPOSE / "prometheus.yaml").read_text())["scrape_configs"]
    }
    targets = {name: job["static_configs"][0]["targets"] for name, job in jobs.items()}
    router, serving = SERVICES["router"]["command"], SERVICES["serving"]["command"]
    assert targets == {
        "router": [f"router:{port_of(router, '--http=')}"],
        "model-server": [f"serving:{port_of(serving, '--rest_api_port=')}"],
    }
    monitors = {
        each["metadata"]["labels"]["app.kubernetes.io/name"] for each in BASE if each["kind"] == "Service"
    }
    assert set(jobs) <= monitors  # jobs have the names of the cluster's services
    mounted = {Path(target).name for _, target, _ in mounts(SERVICES["prometheus"])}
    assert {"prometheus.yaml", "alerts.yaml"} <= mounted
