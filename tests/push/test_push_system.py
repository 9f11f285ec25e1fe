"""`push` of a whole system, through the embedded server; the server is in this process."""

import shutil
import threading
import time
from pathlib import Path

import pytest

from components.push.push import push
from components.push.push_log import LOG
from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_inputs
from components.records.live_server import announce
from components.records.models_config import MODELS_CONFIG
from components.records.request import Request
from components.records.serving_client import ServingClient
from components.records.shortlister_signature import shortlister_inputs
from components.records.version_folder import folder_hash
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.push.conftest import ANSWERED
from tests.push.system import HYPRANK, MUSIC, TRAVEL


def pushed(candidates, answers, serving, in_service=None):
    return push(candidates, answers, serving, in_service=in_service or {}, blessed=True, verdict="blessed")


@pytest.fixture
def serving(tmp_path, system):
    """The system in service as version 1; its files are put there by hand."""
    from components.push.serving_folder import install_next, make_stable

    for model, folder in system.items():
        install_next(folder, tmp_path / "serving", model, expected_hash=folder_hash(folder))
    make_stable(tmp_path / "serving", dict.fromkeys(system, 1))
    return tmp_path / "serving"


def content(serving: Path) -> dict[str, str]:
    """Hashes of everything but the log and the lock."""
    return {
        str(path.relative_to(serving)): folder_hash(path) if path.is_dir() else path.read_text()
        for path in serving.iterdir()
        if path.name not in (LOG, ".lock")
    }


def test_a_live_server_takes_up_a_whole_system_and_answers_throughout(
    in_process, caplog, serving, system, answers
):
    options = ServerOptions(
        port=0,
        model_config_file=str(serving / MODELS_CONFIG),
        model_config_file_poll_wait_seconds=0.1,
        file_system_poll_wait_seconds=0.1,
        allow_version_labels_for_unavailable_models=True,
    )
    asked = {
        "shortlister": shortlister_inputs([Request(request_id="r", utterance="x")], k=2),
        TRAVEL: domain_inputs(["find a hotel in rome"], [["hotel_1"]]),
        MUSIC: domain_inputs(["play jazz"], [["radio"]]),
    }
    seen: list[dict[str, int]] = []
    stop = threading.Event()
    with ModelServer.start(options) as server, ServingClient(server.address) as client:
        announce(serving, server.address)

        def ask():
            while not stop.is_set():
                seen.append({m: client.predict(m, inputs, label="stable")[1] for m, inputs in asked.items()})

        asking = threading.Thread(target=ask)
        asking.start()
        result = pushed(system, answers, serving)
        deadline = time.monotonic() + 20
        while set(seen[-1].values()) != {2} and time.monotonic() < deadline:
            time.sleep(0.05)
        stop.set()
        asking.join()
    assert result.outcome == "pushed", result.reason
    assert {model.model: model.requests for model in result.models} == {
        "shortlister": ANSWERED,
        TRAVEL: ANSWERED,
        MUSIC: pytest.approx(55, abs=5),
        HYPRANK: ANSWERED,
    }
    assert max(model.worst for model in result.models) <= 1e-5
    assert stable_versions(serving) == dict.fromkeys(system, 2)
    assert set(seen[0].values()) == {1}
    assert set(seen[-1].values()) == {2}
    assert sum(len(set(each.values())) > 1 for each in seen) <= 1  # a look while the labels moved
    assert "Failed to reload" not in caplog.text


@pytest.mark.parametrize("model", [TRAVEL, HYPRANK])
@pytest.mark.parametrize("form", ["SavedModel", "twin"])
def test_one_model_changed_after_the_recording_keeps_all_of_them_out(
    in_process, serving, system, others, answers, tmp_path, model, form
):
    changed = tmp_path / "changed"
    shutil.copytree(system[model], changed)
    files = ("saved_model.pb", "variables") if form == "SavedModel" else ("encoder", "model.tflite")
    for path in (others[model] / name for name in files):
        if path.is_dir():
            shutil.copytree(path, changed / path.name, dirs_exist_ok=True)
        elif path.exists():
            shutil.copy(path, changed / path.name)
    before = content(serving)
    result = pushed({MUSIC: system[MUSIC], model: changed}, answers, serving, dict.fromkeys(system, 1))
    assert result.outcome == "not_reproduced"
    assert result.reason.startswith(f"{model}: {ANSWERED} of {ANSWERED} recorded predictions were not")
    assert f"reproduced by the {form}, the first is request 'r0'" in result.reason
    assert content(serving) == before


def test_a_domain_alone_is_pushed_beside_what_is_in_service_without_its_twin(
    in_process, serving, system, answers, tmp_path
):
    bare = tmp_path / "bare"
    shutil.copytree(system[MUSIC], bare, ignore=shutil.ignore_patterns("model.tflite", "encoder"))
    result = pushed({MUSIC: bare}, answers, serving, dict.fromkeys(system, 1))
    assert result.outcome == "pushed", result.reason
    assert "scores within" in result.reason
    assert stable_versions(serving) == {**dict.fromkeys(system, 1), MUSIC: 2}
