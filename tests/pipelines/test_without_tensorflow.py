"""Commands that use the model in service run on its twin: no TensorFlow in the process, nor Beam or TFX."""

import json
import signal
import subprocess
import sys
import urllib.request

import pytest

from components.records.request import Request
from components.records.serving_client import ServingClient
from components.records.shortlister_signature import read_shortlist, shortlister_inputs
from tests.router.conftest import put_in_service
from tests.saved_models import SKILLS, export_shortlister
from tests.whole_system import put_in_service as put_system_in_service

HEAVY = {"tensorflow", "keras", "apache_beam", "tfx", "ml_metadata", "pyarrow"}
_CALL = """
import atexit, sys
from pipelines.cli import app
loaded = lambda: {name.partition(".")[0] for name in sys.modules}
atexit.register(lambda: print("loaded", *sorted(loaded()), file=sys.stderr))
app(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A workspace that serves a real network; its metadata is a file that nothing here opens."""
    folder = tmp_path_factory.mktemp("work")
    put_in_service(folder, export_shortlister(tmp_path_factory.mktemp("model")), 1)
    (folder / "metadata").mkdir()
    (folder / "metadata" / "metadata.sqlite").touch()
    return folder


@pytest.fixture(scope="module")
def whole_work(whole_system, tmp_path_factory):
    """The same with every kind of model."""
    folder = tmp_path_factory.mktemp("whole")
    versions = {model: number for number, model in enumerate(whole_system.folders, start=1)}
    put_system_in_service(folder / "serving", whole_system.folders, versions)
    (folder / "metadata").mkdir()
    (folder / "metadata" / "metadata.sqlite").touch()
    return folder


def called(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", _CALL, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    """The standard output of a process that ended well and loaded nothing heavy."""
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    (loaded,) = (line.split()[1:] for line in errors.splitlines() if line.startswith("loaded "))
    assert "components" in loaded
    assert not HEAVY & set(loaded)
    return out


def test_route(work):
    answer = json.loads(ended(called("route", work, "play music", "--enabled", "uber,lyft", "--json")))
    assert {hypothesis["skill_id"] for hypothesis in answer["hypotheses"]} == set(SKILLS)


def test_the_whole_system(whole_work, tmp_path):
    call = ("route", whole_work, "book a room in lima for 3 people", "--device", "tv", "--explain")
    found = json.loads(ended(called(*call, "--json")))
    best = found["prediction"]["hypotheses"][0]
    assert (best["skill_id"], best["intent"]) == ("hotel_1", "Book")
    assert set(best["scores"]) == {"shortlister", "domain", "intent", "slots", "reranker", "hyprank"}
    assert {"model": "shortlister", "version": 1} in found["models"]
    said = ended(called(*call))
    assert "'book a room in lima for 3 people' → hotel_1" in said
    assert "Book city='lima' guests='3'" in said
    assert "What moved hotel_1 in the re-ranker of Travel & Co" in said
    requests, answers = tmp_path / "requests.jsonl", tmp_path / "answers.jsonl"
    requests.write_text('{"request_id": "r1", "utterance": "play jazz"}\n')
    ended(called("predict", whole_work, requests, "-o", answers))
    assert json.loads(answers.read_text())["hypotheses"][0]["skill_id"] == "radio"


def test_predict(work, tmp_path):
    requests, answers = tmp_path / "requests.jsonl", tmp_path / "answers.jsonl"
    requests.write_text('{"request_id": "r1", "utterance": "play music"}\nnot json\n')
    assert "2 requests answered, 1 of them unreadable" in ended(
        called("predict", work, requests, "-o", answers)
    )
    first, second = map(json.loads, answers.read_text().splitlines())
    assert {hypothesis["skill_id"] for hypothesis in first["hypotheses"]} == set(SKILLS)
    assert "error" in second


def test_serve(work):
    server = called("serve", work, "--grpc", 0, "--rest", 0, "--http", 0, "--router-grpc", 0)
    address = server.stdout.readline().removeprefix("Running gRPC ModelServer at ").split()[0]
    router = server.stdout.readline().removeprefix("Running router at ").split(",")[0]
    inputs = shortlister_inputs([Request(request_id="r", utterance="play music")], k=3, texts=["play music"])
    with ServingClient(address) as client:
        outputs, version = client.predict("shortlister", inputs)
    assert version == 1
    (shortlist,) = read_shortlist(outputs)
    assert len(shortlist) == 3
    remote = json.loads(ended(called("route", work, "play music", "--server", address, "--top", 3, "--json")))
    assert [hypothesis["skill_id"] for hypothesis in remote["hypotheses"]] == [
        skill for skill, _ in shortlist
    ]
    asked = urllib.request.Request(f"{router}/v1/route", data=b'{"utterance": "play music"}', method="POST")
    with urllib.request.urlopen(asked) as answer:
        routed = json.load(answer)
    assert {"model": "shortlister", "version": 1} in routed["models"]
    assert {hypothesis["skill_id"] for hypothesis in routed["hypotheses"]} == set(SKILLS)
    server.send_signal(signal.SIGTERM)
    ended(server)
