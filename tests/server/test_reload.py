"""ModelService over real gRPC: reloads, labels, states, versions that come, go and are broken."""

import shutil
import threading

import pytest
from google.protobuf import text_format

from components.records.serving_client import ServingClient
from components.records.serving_protos import get_model_status_pb2, model_management_pb2
from components.server.errors import StatusError
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.server.calls import (
    INPUTS,
    eventually,
    model_config,
    model_stub,
    refusal,
    reload_request,
    server_config,
)


@pytest.fixture
def base(tmp_path, scaler, tripler):
    """Versions 1 and 2: the first doubles, the second triples; 3 is broken."""
    for version, source in (("1", scaler), ("0002", tripler)):
        shutil.copytree(source, tmp_path / "m" / version)
    (tmp_path / "m" / "3").mkdir()
    (tmp_path / "m" / "3" / "saved_model.pb").write_bytes(b"broken")
    (tmp_path / "m" / "4.draft").mkdir()
    return tmp_path / "m"


@pytest.fixture
def running(base, tmp_path):
    """A server that starts with version 1 of `m` and looks often."""
    file = tmp_path / "models.config"
    file.write_text(text_format.MessageToString(server_config(model_config("m", base, versions=[1]))))
    options = ServerOptions(
        port=0,
        model_config_file=str(file),
        model_config_file_poll_wait_seconds=0.05,
        file_system_poll_wait_seconds=0.05,
        max_num_load_retries=1,
        load_retry_interval_micros=1000,
    )
    with ModelServer.start(options) as server, ServingClient(server.address) as client:
        yield server, client, file


def states(client, model="m"):
    return {number: status.state for number, status in client.status(model).items()}


def factor(client, **which):
    outputs, version = client.predict("m", INPUTS, **which)
    return outputs["scaled"].flat[0], version


def test_the_file_is_followed(running, base):
    _, client, file = running
    assert factor(client) == (2.0, 1)
    both_listed = server_config(model_config("m", f"file://{base}", versions=[1, 2]))
    file.write_text(text_format.MessageToString(both_listed))
    eventually(lambda: states(client).get(2) == "AVAILABLE")
    assert factor(client) == (3.0, 2)
    labelled = model_config("m", base, versions=[1, 2], labels={"stable": 1, "canary": 2})
    file.write_text(text_format.MessageToString(server_config(labelled)))
    eventually(lambda: _answers(client, label="canary"))
    assert factor(client, label="stable") == (2.0, 1)
    assert factor(client, label="canary") == (3.0, 2)
    file.write_text("no proto {")  # a bad file changes nothing
    both = {2: "AVAILABLE", 1: "AVAILABLE"}
    assert states(client) == both
    assert factor(client, label="stable") == (2.0, 1)


def _answers(client, **which):
    try:
        client.predict("m", INPUTS, **which)
    except OSError:
        return False
    return True


def test_a_broken_version_keeps_the_old_one_serving(running, base):
    server, client, file = running
    file.write_text(text_format.MessageToString(server_config(model_config("m", base, policy=1))))
    eventually(lambda: states(client).get(3) == "END")
    assert states(client) == {3: "END", 1: "AVAILABLE"}
    assert factor(client) == (2.0, 1)
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "m"
    request.model_spec.version.value = 3
    (status,) = model_stub(server).GetModelStatus(request).model_version_status
    assert status.status.error_code != 0
    assert status.status.error_message
    shutil.rmtree(base / "3")  # then the latest that is there is wanted
    eventually(lambda: states(client).get(2) == "AVAILABLE")
    eventually(lambda: states(client)[1] == "END")


def test_a_new_version_on_disk_is_picked_up(running, base, scaler):
    _, client, file = running
    file.write_text(text_format.MessageToString(server_config(model_config("m", base, policy="all"))))
    eventually(lambda: states(client).get(2) == "AVAILABLE")
    assert states(client) == {3: "END", 2: "AVAILABLE", 1: "AVAILABLE"}
    shutil.copytree(scaler, base / ".draft")
    (base / ".draft").rename(base / "10")
    eventually(lambda: states(client).get(10) == "AVAILABLE")
    assert factor(client) == (2.0, 10)


def test_requests_during_reloads_all_succeed(running, base):
    server, client, file = running
    file.unlink()  # a file that cannot be read changes nothing; from here on by RPC
    stop, failures, answered = threading.Event(), [], set()

    def ask():
        with ServingClient(server.address) as own:
            while not stop.is_set():
                try:
                    answered.add(factor(own))
                except Exception as error:
                    failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(12):
        wanted = 2 - turn % 2
        model_stub(server).HandleReloadConfigRequest(
            reload_request(model_config("m", base, versions=[wanted]))
        )
        eventually(lambda wanted=wanted: states(client)[wanted] == "AVAILABLE")
        eventually(lambda wanted=wanted: factor(client)[1] == wanted)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answered == {(2.0, 1), (3.0, 2)}  # never one version's number with the other's answer


def test_requests_go_on_during_a_slow_load(running, base, monkeypatch):
    server, client, file = running
    begun, go_on = threading.Event(), threading.Event()
    load = server._manager._load

    def slow(path):
        begun.set()
        assert go_on.wait(10)
        return load(path)

    monkeypatch.setattr(server._manager, "_load", slow)
    file.write_text(text_format.MessageToString(server_config(model_config("m", base, versions=[2]))))
    assert begun.wait(10)
    assert [factor(client) for _ in range(50)] == [(2.0, 1)] * 50
    assert states(client) == {2: "LOADING", 1: "AVAILABLE"}
    go_on.set()
    eventually(lambda: factor(client) == (3.0, 2))


def test_a_model_that_does_not_come_holds_no_other_up(running, base, tmp_path):
    server, client, file = running
    missing = model_config("n", tmp_path / "nowhere")
    file.write_text(
        text_format.MessageToString(server_config(model_config("m", base, versions=[1]), missing))
    )
    eventually(lambda: "n" in server._core._models)
    both = server_config(model_config("m", base, versions=[1, 2]), missing)
    file.write_text(text_format.MessageToString(both))
    eventually(lambda: states(client).get(2) == "AVAILABLE")


def test_a_reload_replaces_all_models_and_waits_for_new_ones(running, base, scaler, tmp_path):
    server, client, file = running
    file.unlink()
    shutil.copytree(scaler, tmp_path / "n" / "1")
    response = model_stub(server).HandleReloadConfigRequest(reload_request(model_config("n", tmp_path / "n")))
    assert response.status.error_code == 0
    assert client.predict("n", INPUTS)[1] == 1
    assert refusal_of_predict(client, "m") == "Servable not found for request: Latest(m)"
    eventually(lambda: states(client) == {1: "END"})


def refusal_of_predict(client, model):
    with pytest.raises(OSError, match="Servable") as error:
        client.predict(model, INPUTS)
    return error.value.message


UNAVAILABLE_LABEL = (
    "Request to assign label to version 2 of model m, which is not currently available for inference"
)
RELOAD_REFUSALS = {
    "label on a version that is not available": (
        lambda base: [model_config("m", base, versions=[1, 2], labels={"stable": 2})],
        "FAILED_PRECONDITION",
        UNAVAILABLE_LABEL,
    ),
    "listed twice": (
        lambda base: [model_config("m", base), model_config("m", base)],
        "INVALID_ARGUMENT",
        "Illegal to list model m multiple times in config list",
    ),
    "relative path": (
        lambda base: [model_config("m", "models/m")],
        "INVALID_ARGUMENT",
        "Expected model m to have an absolute path or URI; got base_path()=models/m",
    ),
    "another platform": (
        lambda base: [model_config("m", base, platform="torch")],
        "INVALID_ARGUMENT",
        "Illegal to change a model's platform. For model m platform was tensorflow "
        "and new platform requested is torch",
    ),
    "no platform": (
        lambda base: [model_config("n", base, platform="")],
        "INVALID_ARGUMENT",
        "Illegal setting neither ModelServerConfig::model_type (deprecated) "
        "nor ModelServerConfig::model_platform, model name is n",
    ),
    "requests logged": (
        lambda base: [model_config("m", base, log_to="/tmp/log")],
        "INVALID_ARGUMENT",
        "No request-logger-creator provided.",
    ),
    "unknown platform": (
        lambda base: [model_config("n", base, platform="torch")],
        "INVALID_ARGUMENT",
        "Model n requests unsupported platform torch",
    ),
}


def test_a_refused_reload_has_tf_servings_words_and_changes_nothing(running, base):
    server, client, file = running
    file.unlink()
    reload = model_stub(server).HandleReloadConfigRequest
    for make, code, message in RELOAD_REFUSALS.values():
        assert refusal(reload, reload_request(*make(base))) == (code, message)
        assert factor(client) == (2.0, 1)
    custom = model_management_pb2.ReloadConfigRequest()
    custom.config.custom_model_config.SetInParent()
    for request in (custom, model_management_pb2.ReloadConfigRequest()):
        assert refusal(reload, request) == (
            "INVALID_ARGUMENT",
            "ServerModelConfig type not supported by HandleReloadConfigRequest. "
            "Only ModelConfigList is currently supported",
        )


def test_status_refusals(running):
    server, _, _ = running
    ask = model_stub(server).GetModelStatus
    request = get_model_status_pb2.GetModelStatusRequest()
    assert refusal(ask, request) == ("INVALID_ARGUMENT", "Missing ModelSpec")
    request.model_spec.name = "q"
    assert refusal(ask, request) == ("NOT_FOUND", "Could not find any versions of model q")
    request.model_spec.version.value = 5
    assert refusal(ask, request) == ("NOT_FOUND", "Could not find version 5 of model q")
    request.model_spec.name = "m"
    request.model_spec.version_label = "no such label"  # GetModelStatus does not read labels
    assert refusal(ask, request) == ("OK", "")


def test_starting_with_labels_needs_the_flag(base, tmp_path):
    file = tmp_path / "labels.config"
    config = server_config(model_config("m", base, versions=[2], labels={"stable": 2}))
    file.write_text(text_format.MessageToString(config))
    with pytest.raises(StatusError, match="FAILED_PRECONDITION: Request to assign label"):
        ModelServer.start(ServerOptions(port=0, model_config_file=str(file)))
    options = ServerOptions(
        port=0, model_config_file=str(file), allow_version_labels_for_unavailable_models=True
    )
    with ModelServer.start(options) as server, ServingClient(server.address) as client:
        assert factor(client, label="stable") == (3.0, 2)
        moved = reload_request(model_config("m", base, versions=[1, 2], labels={"stable": 1}))
        code, _ = refusal(model_stub(server).HandleReloadConfigRequest, moved)
        assert code == "FAILED_PRECONDITION"  # the flag is for labels that are new


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"model_config_file": "/nowhere/models.config"},
            "NOT_FOUND: /nowhere/models.config; No such file",
        ),
        ({"model_config_file": __file__}, "Error parsing text-format tensorflow.serving.ModelServerConfig"),
        ({"host": "192.0.2.1"}, "Could not listen on 192.0.2.1:0"),
        (
            {"model_base_path": "models/m"},
            r"INVALID_ARGUMENT: Expected model m to have an absolute path or URI; got base_path\(\)=models/m",
        ),
    ],
)
def test_a_server_that_cannot_start_says_why(base, change, message):
    shutil.rmtree(base / "3")
    with pytest.raises(StatusError, match=message):
        ModelServer.start(
            ServerOptions(**{"port": 0, "model_name": "m", "model_base_path": str(base), **change})
        )


def test_a_server_that_is_stopped_waits_for_no_reload(base, tmp_path):
    (tmp_path / "empty").mkdir()
    options = ServerOptions(port=0, model_name="m", model_base_path=str(base), max_num_load_retries=0)
    shutil.rmtree(base / "3")
    server = ModelServer.start(options)
    waiting = model_stub(server).HandleReloadConfigRequest.future(
        reload_request(model_config("n", tmp_path / "empty")), timeout=30
    )
    with ServingClient(server.address) as client:
        eventually(lambda: states(client)[2] == "END")  # it has begun: `m` is no longer listed
    stopping = threading.Thread(target=server.stop, args=(0.1,))
    stopping.start()
    stopping.join(10)
    assert not stopping.is_alive()
    assert waiting.exception(10) is not None
