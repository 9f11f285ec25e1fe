"""What compose.yaml starts, started on loopback: our model server in TF Serving's place, Debian's programs
in that of Postgres' and Prometheus' images; commands, flags, files and health checks are its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from components.router.client import FeedbackCall, RouteCall, RouterClient
from tests.conftest import IN_CI
from tests.images.engine import ROOT
from tests.images.one_host import compose_says, composition, mounts
from tests.postgres import free_port, postgres
from tests.router.conftest import put_in_service
from tests.saved_models import export_shortlister

pytestmark = pytest.mark.system
SERVICES = composition()["services"]
NEEDS = {"docker-compose": "docker-compose", "prometheus": "prometheus", "pg_ctlcluster": "postgresql"}
PORTS = (5432, 8080, 8081, 8500, 8501, 9090)


@pytest.fixture(scope="module", autouse=True)
def programs():
    missing = [package for program, package in NEEDS.items() if shutil.which(program) is None]
    if missing:
        told = f"missing: apt-get install {' '.join(missing)}"
        pytest.fail(told) if IN_CI else pytest.skip(told)


class Host:
    """One machine for all services: their names mean 127.0.0.1, their ports are free ones, their volumes are
    folders."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.ports = {port: free_port() for port in PORTS}
        self._store = store

    def words(self, name: str, words: list[str]) -> list[str]:
        """A service's words, as they are meant here."""
        return [self._here(name, word) for word in words]

    def environment(self, name: str) -> dict[str, str]:
        given = SERVICES[name].get("environment") or {}
        return {k: self._store if "/store" in v else self._here(name, v) for k, v in given.items() if v}

    def healthy(self, name: str) -> bool:
        """Whether the service's own health check says so."""
        _, *command = SERVICES[name]["healthcheck"]["test"]
        program, *rest = self.words(name, command)
        found = sys.executable if program == "python" else program
        return subprocess.run([found, *rest], capture_output=True, timeout=30).returncode == 0

    def address(self, port: int) -> str:
        return f"127.0.0.1:{self.ports[port]}"

    def _here(self, name: str, text: str) -> str:
        for source, target, _ in mounts(SERVICES[name]):
            here = ROOT / source if source.startswith(".") else self.folder / source
            text = re.sub(rf"(^|=){re.escape(target)}(?=/|$)", rf"\g<1>{here}", text)
        text = re.sub(rf"\b({'|'.join(SERVICES)}):(?=\d)", "127.0.0.1:", text).replace("0.0.0.0", "127.0.0.1")
        return re.sub(
            rf"(?<=[=:/])({'|'.join(map(str, PORTS))})\b", lambda found: str(self.ports[int(found[0])]), text
        )


@pytest.fixture(scope="module")
def database():
    """A server with the databases that compose/databases.sql makes."""
    with postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in (ROOT / "compose/databases.sql").read_text().split(";")[:-1]:
                connection.execute(statement)
        yield url


@pytest.fixture(scope="module")
def host(database, tmp_path_factory):
    """Everything that compose.yaml keeps running, running."""
    folder = tmp_path_factory.mktemp("host")
    put_in_service(folder / "arbiter/work", export_shortlister(tmp_path_factory.mktemp("model")), 1)
    (folder / "arbiter/data").mkdir()
    (folder / "prometheus").mkdir()
    host = Host(folder, database.rpartition("/")[0] + "/store")
    host.ports[5432] = urlsplit(database).port
    configuration = folder / "prometheus.yaml"
    text = (ROOT / "compose/prometheus.yaml").read_text()
    text = text.replace("15s", "1s").replace("alerts.yaml", str(ROOT / "compose/alerts.yaml"))
    configuration.write_text("\n".join(host.words("prometheus", text.split("\n"))))
    serving, router, prometheus = (
        host.words(name, SERVICES[name]["command"]) for name in ("serving", "router", "prometheus")
    )
    prometheus[0] = f"--config.file={configuration}"
    prometheus.append(f"--web.listen-address={host.address(9090)}")
    with ExitStack() as stack:
        for name, command in (
            ("serving", [sys.executable, "-m", "components.server", *serving]),
            ("router", [sys.executable, "-m", "pipelines.cli", *router[1:]]),
            ("prometheus", ["prometheus", *prometheus]),
        ):
            stack.enter_context(started(command, host.environment(name), folder / f"{name}.log"))
            soon(lambda name=name: host.healthy(name), folder / f"{name}.log")
        yield host


def test_compose_takes_it():
    done = compose_says(password="a secret")
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)
    refused = compose_says(password="")
    assert refused.returncode != 0
    assert "is missing in .env" in refused.stderr


def test_a_request_goes_through(host):
    customer = f"http://{host.address(8080)}/v1/customers/c1"
    given = json.dumps({"enabled_skills": ["uber"]}).encode()
    with urllib.request.urlopen(urllib.request.Request(customer, data=given, method="PUT")):
        pass
    with RouterClient(host.address(8081)) as router:
        answer = router.route(RouteCall(utterance="play music", customer_id="c1"))
        used = answer.hypotheses[0].skill_id
        router.feedback(FeedbackCall(request_id=answer.request_id, outcome="handled", skill_id=used))
    assert not answer.degraded
    with urllib.request.urlopen(customer) as found:
        assert json.load(found)["enabled_skills"] == ["uber"]
    assert not (host.folder / "arbiter/work/router/store.sqlite").exists()  # it is in Postgres


def test_prometheus_reaches_both_and_knows_the_rules(host):
    def asked(path):
        with urllib.request.urlopen(f"http://{host.address(9090)}/api/v1/{path}") as answer:
            return json.load(answer)["data"]

    def up():
        return {each["labels"]["job"]: each["health"] for each in asked("targets")["activeTargets"]}

    soon(lambda: set(up().values()) == {"up"}, host.folder / "prometheus.log")
    assert set(up()) == {"router", "model-server"}
    rules = [rule for group in asked("rules")["groups"] for rule in group["rules"]]
    written = yaml.safe_load((ROOT / "compose/alerts.yaml").read_text())["groups"][0]["rules"]
    assert [rule["name"] for rule in rules] == [rule["alert"] for rule in written]
    soon(lambda: all(r["health"] == "ok" for g in asked("rules")["groups"] for r in g["rules"]), None)
    for metric in ("arbiter_router_request_seconds_count", ":tensorflow:serving:request_count"):
        soon(lambda metric=metric: asked(f"query?query={metric}")["result"], host.folder / "prometheus.log")


def test_the_health_check_of_a_database(host):
    words = host.words("postgres", SERVICES["postgres"]["healthcheck"]["test"][1:])
    assert subprocess.run([*words, f"--port={host.ports[5432]}"], capture_output=True).returncode == 0
    assert subprocess.run([*words, "--port=1"], capture_output=True).returncode != 0


def test_a_server_that_is_down_is_not_healthy(host):
    for name in ("serving", "router"):
        ports, host.ports = host.ports, dict.fromkeys(PORTS, free_port())
        assert not host.healthy(name)
        host.ports = ports


@contextmanager
def started(command: list[str], environment: Mapping[str, str], log: Path):
    """A program in the background; it ends on SIGTERM, and well."""
    with log.open("w") as file:
        process = subprocess.Popen(
            command, env=os.environ | dict(environment), stdout=file, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, log.read_text()


def soon(true, log: Path | None) -> None:
    """Waits until `true()`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.3)
    raise AssertionError(log.read_text()[-3000:] if log else "it never came true")
