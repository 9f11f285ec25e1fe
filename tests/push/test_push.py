"""`push`: once with the embedded server as a real process, else with one in this process."""

import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from components.push.options import PushOptions
from components.push.push import push
from components.records.live_server import announce, live_address
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.serving_client import ServingClient
from components.records.version_folder import folder_hash, versions
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.push.conftest import ANSWERED, RECORDED
from tests.saved_models import SKILLS


def push_one(candidate, predictions, serving, *, blessed=True, verdict="blessed", options=None):
    """Pushes a Shortlister as the whole system; the result, and what came of that one model."""
    result = push(
        {"shortlister": candidate},
        predictions,
        serving,
        in_service={},
        blessed=blessed,
        verdict=verdict,
        options=options or PushOptions(),
    )
    (model,) = result.models
    assert (model.outcome, model.reason) == (result.outcome, result.reason)
    assert result.pushed is (result.outcome == "pushed")
    return model


def log(serving: Path) -> list[dict]:
    return [json.loads(line) for line in (serving / "push_log.jsonl").read_text().splitlines()]


def test_not_blessed_is_not_pushed_and_says_why(candidate, predictions, tmp_path):
    result = push_one(candidate, predictions, tmp_path, blessed=False, verdict="ECE 0.2 is above 0.1")
    assert (result.outcome, result.version) == ("not_blessed", 0)
    assert result.reason == "ECE 0.2 is above 0.1"
    assert not (tmp_path / MODELS_CONFIG).exists()
    assert versions(tmp_path / "shortlister") == []
    (line,) = log(tmp_path)
    assert (line["outcome"], line["hash"]) == ("not_blessed", folder_hash(candidate))


def test_what_is_measured_is_pushed_and_a_live_server_takes_it_up(
    in_process, candidate, predictions, tmp_path
):
    first = push_one(candidate, predictions, tmp_path)
    assert (first.outcome, first.version, first.requests) == ("pushed", 1, RECORDED)
    assert first.worst <= 1e-5
    assert first.hash == folder_hash(tmp_path / "shortlister" / "1")
    options = ServerOptions(
        port=0,
        model_config_file=str(tmp_path / MODELS_CONFIG),
        model_config_file_poll_wait_seconds=0.2,
        file_system_poll_wait_seconds=0.2,
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server, ServingClient(server.address) as client:
        announce(tmp_path, server.address)
        assert live_address(tmp_path) == server.address
        failures = []
        stop = threading.Event()

        def ask():
            while not stop.is_set():
                try:
                    client.predict("shortlister", INPUTS, label="stable")
                    time.sleep(0.005)
                except Exception as error:
                    failures.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        second = push_one(candidate, predictions, tmp_path)
        assert second.version == 2
        answered = {client.predict("shortlister", INPUTS, label="stable")[1]}
        while 2 not in answered:
            answered.add(client.predict("shortlister", INPUTS, label="stable")[1])
        stop.set()
        asking.join()
        assert failures == []
        assert {n: s.state for n, s in client.status("shortlister").items()} == {
            1: "AVAILABLE",
            2: "AVAILABLE",
        }
    assert [line["version"] for line in log(tmp_path)] == [1, 2]
    (config,) = read_models_config(tmp_path / MODELS_CONFIG)
    assert (config.versions, config.labels) == ((1, 2), {"stable": 2})


def test_one_process_of_its_own_serves_all_candidates(system, answers, tmp_path):
    result = push(system, answers, tmp_path, in_service={}, blessed=True, verdict="blessed")
    assert (result.outcome, result.models[0].requests) == ("pushed", ANSWERED)


def test_a_model_that_answers_otherwise_is_not_pushed(in_process, other, predictions, tmp_path):
    result = push_one(other, predictions, tmp_path)
    assert result.outcome == "not_reproduced"
    assert (
        f"of {RECORDED} recorded predictions were not reproduced by the SavedModel, the first is request 'r"
        in result.reason
    )
    assert result.worst == pytest.approx(0.01, abs=1e-4)
    assert versions(tmp_path / "shortlister") == []
    assert log(tmp_path)[0]["outcome"] == "not_reproduced"


def test_a_candidate_that_no_server_loads_is_not_pushed(candidate, predictions, tmp_path):
    half = tmp_path / "half"
    shutil.copytree(candidate, half)
    (half / "saved_model.pb").unlink()
    serving = tmp_path / "serving"
    result = push_one(half, predictions, serving)
    assert result.outcome == "not_reproduced"
    assert "no server starts on" in result.reason
    assert "1 model(s) did not become available" in result.reason
    assert versions(serving / "shortlister") == []


def test_a_server_that_does_not_load_it_keeps_the_label(in_process, candidate, predictions, tmp_path):
    assert push_one(candidate, predictions, tmp_path).outcome == "pushed"
    options = ServerOptions(
        port=0,
        model_config_file=str(tmp_path / MODELS_CONFIG),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:  # it stays with the version that it has
        server_only = PushOptions(server=server.address, wait_seconds=0.5)
        result = push_one(candidate, predictions, tmp_path, options=server_only)
    assert result.outcome == "not_available"
    assert f"the server at {server.address}" in result.reason
    (config,) = read_models_config(tmp_path / MODELS_CONFIG)
    assert (config.versions, config.labels) == ((1,), {"stable": 1})


@pytest.mark.parametrize("bad", [{"requests": 0}, {"wait_seconds": -1.0}, {"keep": 0}])
def test_options_are_checked(bad):
    with pytest.raises(ValueError, match="must be positive"):
        PushOptions(**bad)


def _inputs():
    from components.records.request import Request
    from components.records.shortlister_signature import shortlister_inputs

    return shortlister_inputs([Request(request_id="r", utterance="x", enabled_skills=SKILLS[:2])], k=3)


INPUTS = _inputs()
