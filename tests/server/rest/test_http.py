"""The REST API over HTTP, beside gRPC on one server."""

import gzip
import json
import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

from components.records.serving_client import ServingClient
from components.server.calls import Calls
from components.server.options import ServerOptions
from components.server.rest.listener import RestListener
from components.server.server import ModelServer
from tests.server.calls import X
from tests.server.rest.echo import Core, Echo

BODY = {"instances": [{"x": [1, 2], "name": "a"}, {"x": [3, 5], "name": "ä"}]}
PREDICT = "/v1/models/scaler:predict"
PATH = "/monitoring/prometheus/metrics"


@pytest.fixture(scope="module")
def rest(scaler, tmp_path_factory):
    """A server with REST and Prometheus, model `scaler`, version 7."""
    base = tmp_path_factory.mktemp("base")
    shutil.copytree(scaler, base / "7")
    monitoring = base / "monitoring.config"
    monitoring.write_text("prometheus_config { enable: true }")
    options = ServerOptions(
        port=0,
        rest_api_port=-1,
        model_name="scaler",
        model_base_path=str(base),
        monitoring_config_file=str(monitoring),
    )
    with ModelServer.start(options) as running:
        yield running


@pytest.fixture(scope="module")
def http(rest):
    with httpx.Client(base_url=f"http://{rest.rest_address}", trust_env=False) as client:
        yield client


def test_predict_answers_as_grpc_does(rest, http):
    answer = http.post(PREDICT, json=BODY)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "predictions": [
            {"same": [2.0, 4.0], "scaled": [2.0, 4.0], "upper": "A"},
            {"same": [6.0, 10.0], "scaled": [6.0, 10.0], "upper": "ä"},
        ]
    }
    with ServingClient(rest.address) as client:
        outputs, _ = client.predict("scaler", {"x": X, "name": np.array([b"a", b"b"], dtype=object)})
    columns = http.post(PREDICT, json={"inputs": {"x": X.tolist(), "name": ["a", "b"]}}).json()["outputs"]
    np.testing.assert_array_equal(columns["scaled"], outputs["scaled"])


def test_versions_and_signatures(http):
    body = {"signature_name": "bare", "instances": [4.0]}
    assert http.post("/v1/models/scaler/versions/7:predict", json=body).json() == {"predictions": [8.0]}
    answer = http.post("/v1/models/scaler/versions/3:predict", json=body)
    assert answer.status_code == 404
    assert answer.json() == {"error": "Servable not found for request: Specific(scaler, 3)"}
    answer = http.post("/v1/models/scaler/labels/L:predict", json=body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "Unrecognized servable version label: L"},
    )


def test_status_is_laid_out_as_tf_serving_does(http):
    expected = (
        '{\n "model_version_status": [\n  {\n   "version": "7",\n   "state": "AVAILABLE",\n'
        '   "status": {\n    "error_code": "OK",\n    "error_message": ""\n   }\n  }\n ]\n}\n'
    )
    for path in ("/v1/models/scaler", "/v1/models/scaler/versions/7", "/v1/models/scaler/labels/any"):
        assert http.get(path).text == expected
    answer = http.get("/v1/models/q")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Could not find any versions of model q"}


def test_metadata(http):
    text = http.get("/v1/models/scaler/metadata").text
    assert text.startswith(
        '{\n"model_spec":{\n "name": "scaler",\n "version": "7",\n "signature_name": ""\n}\n,\n'
    )
    document = json.loads(text)
    assert document["model_spec"] == {"name": "scaler", "version": "7", "signature_name": ""}
    signature = document["metadata"]["signature_def"]["signature_def"]["bare"]
    assert signature["inputs"]["x"] == {
        "name": "bare_x:0",
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
    }
    assert signature["method_name"] == "tensorflow/serving/predict"


def test_classify_and_regress_refuse_a_signature_that_is_neither(http):
    for verb in ("classify", "regress"):
        answer = http.post(f"/v1/models/scaler:{verb}", json={"examples": [{"x": 1.0}]})
        assert answer.status_code == 400
        assert "error" in answer.json()


def test_an_error_of_the_graph_is_not_cut(http):
    answer = http.post(PREDICT, json={"signature_name": "fails", "instances": [1.0]})
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 2000


def test_gzip(http):
    body = gzip.compress(json.dumps({"signature_name": "bare", "instances": [4.0]}).encode())
    headers = {"content-encoding": "gzip"}
    assert http.post(PREDICT, content=body, headers=headers).json() == {"predictions": [8.0]}
    for damaged in (body[:-9], b"no gzip"):
        answer = http.post(PREDICT, content=damaged, headers=headers)
        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "JSON Parse error: The document is empty"},
        )


def test_other_paths_and_methods(http):
    for path in ("/", "/index", "/v2/models/scaler", "/v1"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html")
        assert "<TITLE>404 Not Found</TITLE>" in answer.text
    answer = http.put("/v1/models/scaler?x=1")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Malformed request: PUT /v1/models/scaler?x=1"}
    assert http.request("TRACE", "/v1/models/scaler").status_code == 501
    assert "access-control-allow-origin" not in answer.headers


def test_preflight(http):
    assert http.options("/v1/models/scaler", headers={"origin": "https://a.example"}).status_code == 200
    answer = http.options("/v1/models/scaler")
    assert (answer.status_code, answer.content) == (400, b"")


def test_prometheus(rest, http):
    def count(text, line):
        return sum(int(found.rsplit(" ", 1)[1]) for found in text.splitlines() if found.startswith(line))

    ok = ':tensorflow:serving:request_count{model_name="scaler",status="OK"}'
    wrong = ':tensorflow:serving:request_count{model_name="scaler",status="INVALID_ARGUMENT"}'
    rest_latency = (
        ':tensorflow:serving:request_latency_count{model_name="scaler",API="predict",entrypoint="REST"}'
    )
    grpc_latency = (
        ':tensorflow:serving:request_latency_count{model_name="scaler",API="Predict",entrypoint="GRPC"}'
    )
    runtime = ':tensorflow:serving:runtime_latency_count{model_name="scaler",API="Predict",runtime="TF1"}'
    before = http.get(PATH).text
    http.post(PREDICT, json=BODY)
    http.post(PREDICT, json={})
    with ServingClient(rest.address) as client:
        client.predict("scaler", {"x": np.float32([4])}, signature="bare")
        with pytest.raises(OSError, match="INVALID_ARGUMENT"):
            client.predict("scaler", {"x": np.float64([4])}, signature="bare")
    answer = http.get(PATH)
    assert answer.headers["content-type"] == "text/plain"
    after = answer.text
    more = [
        count(after, line) - count(before, line) for line in (ok, wrong, rest_latency, grpc_latency, runtime)
    ]
    assert more == [2, 2, 1, 1, 2]
    assert "# TYPE :tensorflow:serving:request_count counter\n" in after
    assert "# TYPE :tensorflow:serving:request_latency histogram\n" in after
    assert after.count('"scaler",API="predict",entrypoint="REST",le="') == 34
    answer = http.get(f"{PATH}?a=b")
    assert (answer.status_code, answer.text) == (400, f"Unexpected path: {PATH}?a=b. Should be {PATH}")


@pytest.fixture
def slow():
    """A listener of a model that waits, with CORS and a short timeout."""

    class Slow(Echo):
        def __init__(self):
            super().__init__({"serving_default": {"x": "DT_FLOAT"}})
            self.go_on = threading.Event()

        def predict(self, signature, inputs, *, outputs=()):
            assert self.go_on.wait(10)
            return super().predict(signature, inputs, outputs=outputs)

    model = Slow()
    with RestListener(Calls(Core(model)), "127.0.0.1", 0, threads=4, timeout_s=0.2, cors=True) as listener:
        yield model, f"http://{listener.address}"
        model.go_on.set()


def test_a_call_that_takes_too_long(slow):
    model, url = slow
    body = {"instances": [1.0]}
    answer = httpx.post(f"{url}/v1/models/m:predict", json=body, trust_env=False)
    assert answer.status_code == 504
    assert answer.json() == {"error": "Timed out waiting for notification"}
    model.go_on.set()
    answer = httpx.post(f"{url}/v1/models/m:predict", json=body, trust_env=False)
    assert answer.json() == {"predictions": [1.0]}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST, GET"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    assert httpx.get(f"{url}{PATH}", trust_env=False).status_code == 404  # nobody asked for monitoring


def test_stopping_lets_calls_finish_and_leaves_no_thread(slow):
    before = set(threading.enumerate())
    model = Echo({"serving_default": {"x": "DT_FLOAT"}})
    listener = RestListener(Calls(Core(model)), "127.0.0.1", 0, threads=2)
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(
                httpx.post,
                f"http://{listener.address}/v1/models/m:predict",
                json={"inputs": [1.0]},
                trust_env=False,
            )
            for _ in range(20)
        ]
        assert {call.result().status_code for call in calls} == {200}
    listener.stop(5.0)
    assert set(threading.enumerate()) <= before


def test_a_port_that_is_taken_leaves_grpc_running(scaler, tmp_path, caplog):
    shutil.copytree(scaler, tmp_path / "1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ServerOptions(
            port=0, rest_api_port=port, model_name="scaler", model_base_path=str(tmp_path)
        )
        with ModelServer.start(options) as server, ServingClient(server.address) as client:
            assert server.rest_address == ""
            assert client.predict("scaler", {"x": np.float32([4])}, signature="bare")[1] == 1
    assert "Failed to start HTTP Server" in caplog.text
