"""The Dockerfile's images, built, and run as the manifests do: no rights, a read-only root."""

import json
import shutil
import signal
import stat
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.records.request import Request
from components.records.serving_client import ServingClient
from components.records.shortlister_signature import read_shortlist, shortlister_inputs
from tests.conftest import IN_CI
from tests.images.engine import NEEDS, ROOT, engine
from tests.k8s.checks import pods
from tests.k8s.kustomize import build
from tests.pipelines.command import TINY

pytestmark = pytest.mark.system
IMAGES = {"pipeline": "arbiter:0.1.0", "serving": "arbiter-serving:0.1.0"}
"""As k8s/ and compose.yaml name them."""
LIMITS = {"pipeline": 3_000_000_000, "serving": 650_000_000}
WORLD = ("--skills", 17, "--customers", 101, "--requests", 900, "--seed", 5)
SETTINGS = [word for setting in TINY for word in ("--set", setting)]


@pytest.fixture(scope="module")
def images():
    missing = [command for command in NEEDS if shutil.which(command) is None]
    if missing:
        told = f"missing: apt-get install {' '.join(missing)}"
        pytest.fail(told) if IN_CI else pytest.skip(told)
    with engine() as running:
        for target, tag in IMAGES.items():
            running.build(target, tag)
        yield running


@pytest.fixture(scope="module", params=IMAGES)
def target(request):
    return request.param


@pytest.fixture(scope="module")
def place(images, tmp_path_factory):
    """What is mounted at /arbiter: a dataset, and a workspace in which the pipeline's image has run."""
    folder = tmp_path_factory.mktemp("arbiter")
    shutil.chown(folder, 1000, 1000)
    for command in (
        ("simulate", "/arbiter/data", *WORLD),
        ("run", "/arbiter/data", "--workspace", "/arbiter/work", *SETTINGS),
    ):
        images.run(IMAGES["pipeline"], "arbiter", *command, volumes={folder: "/arbiter"}, memory="1g")
    return folder


def test_it_is_small_and_nobody_s(images, target):
    found = images.inspect(IMAGES[target])
    assert found["Size"] < LIMITS[target]
    assert found["Config"]["User"] == "1000:1000"
    said = images.run(IMAGES[target], "sh", "-c", "id; touch /opt/x /arbiter/x; touch /tmp/x && echo $HOME")
    assert said.splitlines() == ["uid=1000(arbiter) gid=1000(arbiter) groups=1000(arbiter)", "/tmp"]
    assert "Usage: arbiter" in images.run(IMAGES[target], "arbiter", "--help")
    assert "Usage: arbiter" in images.run(IMAGES[target])  # what it does by itself


def test_it_holds_the_program_and_nothing_else(images, target):
    with images.files(IMAGES[target]) as root:
        assert {path.name for path in (root / "opt").iterdir()} == {"arbiter", "venv"}
        code = {path.name for path in (root / "opt/arbiter").iterdir()}
        assert code == {"arbiter-0.1.0.dist-info", "benchmarks", "bin", "components", "pipelines"}
        base = {"bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt"}
        base |= {"proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"}
        assert {path.name for path in root.iterdir()} - base == {"arbiter"}
        assert (root / "arbiter").stat().st_uid == 1000  # an empty volume there gets its owner
        assert [*(root / "mnt").iterdir(), *(root / "root").glob(".cache")] == []
        files = [path for path in (root / "opt").rglob("*") if path.is_file() and not path.is_symlink()]
        assert [f for f in files if f.stat().st_mode & (stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID)] == []
        assert [f for f in files if f.name in (".env", ".netrc", "pip.conf", "uv.toml", "uv.lock")] == []
        sources = list((root / "opt/arbiter/pipelines").rglob("*.py"))
        assert all((f.parent / "__pycache__" / f"{f.stem}.cpython-311.pyc").is_file() for f in sources)
    asked = "import tensorflow; print(hasattr(tensorflow, 'function'))"
    assert images.run(IMAGES[target], "python", "-c", asked).split() == [str(target == "pipeline")]


def test_built_again_it_has_the_same_layers(images):
    images.build("serving", "again")
    first, second = (images.inspect(image)["RootFS"]["Layers"] for image in (IMAGES["serving"], "again"))
    assert first == second


def test_a_run_in_the_one_image_is_served_by_the_other(images, place):
    [pushed] = (place / "work/serving").glob("models.config")
    assert pushed.stat().st_uid == 1000
    command = ("arbiter", "serve", "/arbiter/work", "--grpc=0", "--rest=0", "--http=0", "--router-grpc=0")
    with served(images, IMAGES["serving"], *command, volumes={place: "/arbiter"}) as lines:
        assert next(lines).startswith("Running gRPC ModelServer at 127.0.0.1:")
        router = next(lines).removeprefix("Running router at ").split(",")[0]
        call = b'{"utterance": "play jazz"}'
        with urllib.request.urlopen(f"{router}/v1/route", data=call, timeout=10) as answer:
            assert {"model": "shortlister", "version": 1} in json.load(answer)["models"]


@pytest.mark.parametrize(("target", "form"), [("serving", ()), ("pipeline", ("--use_saved_model",))])
def test_the_model_server_by_itself(images, place, target, form):
    models = "--model_config_file=/arbiter/work/serving/models.config"
    labels = "--allow_version_labels_for_unavailable_models=true"
    command = ("python", "-m", "components.server", "--port=0", models, labels, *form)
    inputs = shortlister_inputs([Request(request_id="r", utterance="play jazz")], k=3, texts=["play jazz"])
    with served(images, IMAGES[target], *command, volumes={place: "/arbiter:ro"}) as lines:
        address = next(lines).removeprefix("Running gRPC ModelServer at ").split()[0]
        with ServingClient(address) as client:
            outputs, version = client.predict("shortlister", inputs)
    assert version == 1
    assert len(read_shortlist(outputs)[0]) == 3


def test_a_node_of_a_planned_run(images, place):
    def node(*arguments):
        return images.run(
            IMAGES["pipeline"],
            *("python", "-m", "pipelines.node", *arguments),
            volumes={place: "/arbiter"},
            memory="1g",
        )

    node("plan", "/arbiter/nodes", "first", "/arbiter/data", "{}")
    assert node("run", "/arbiter/nodes", "first", "Ingest").split()[:2] == ["done", "Ingest"]


@pytest.mark.parametrize("overlay", ["one-node", "production"])
def test_what_the_manifests_start_is_there(images, overlay):
    """Every command of theirs on our images is one of the image's programs, or a module of its Python."""
    ours = {
        (container["image"], tuple(container["command"][:3]))
        for _, template in pods(build(ROOT / "k8s/overlays" / overlay))
        for container in template["spec"]["containers"]
        if container["image"].partition(":")[0] in ("arbiter", "arbiter-serving")
    }
    assert {image for image, _ in ours} == set(IMAGES.values())
    for image, (program, *rest) in ours:
        if rest[0] == "-m":
            find = f"import importlib.util; assert importlib.util.find_spec({rest[1]!r})"
            images.run(image, program, "-c", find, memory="256m")
        else:
            images.run(image, program, rest[0], "--help")


@contextmanager
def served(images, image: str, *command: str, volumes: dict[Path, str]) -> Iterator[Iterator[str]]:
    """The lines of standard output of a container that serves; it ends on SIGTERM, and well."""
    started = images.started(image, *command, volumes=volumes)
    process = subprocess.Popen(
        started, env=images.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    overdue = threading.Timer(120, process.kill)  # a container that never answers
    overdue.start()
    try:
        yield iter(process.stdout.readline, "")
    finally:
        overdue.cancel()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
