"""PredictionService over real gRPC: answers, codes and texts."""

import threading

import numpy as np
import pytest

from components.records.servable import Servable
from components.records.serving_client import ServingClient, ServingError
from components.records.serving_protos import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    meta_graph_pb2,
    predict_pb2,
    regression_pb2,
)
from components.records.tensors import to_proto
from components.server.errors import StatusError
from components.server.predict import predict
from tests.server.calls import INPUTS, NAMES, X, prediction_stub, refusal


def predict_request(inputs=INPUTS, name="scaler", signature="", outputs=(), version=None, label=None):
    request = predict_pb2.PredictRequest(output_filter=outputs)
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    if version is not None:
        request.model_spec.version.value = version
    if label is not None:
        request.model_spec.version_label = label
    for alias, array in inputs.items():
        request.inputs[alias].CopyFrom(to_proto(array))
    return request


def test_an_answer_is_in_typed_fields_and_names_version_and_signature(server):
    response = prediction_stub(server).Predict(predict_request())
    assert list(response.outputs["scaled"].float_val) == [2.0, 4.0, 6.0, 10.0]
    assert list(response.outputs["upper"].string_val) == [b"A", b"\xc3\xa4Z"]
    assert response.outputs["same"] == response.outputs["scaled"]
    assert not any(output.tensor_content for output in response.outputs.values())
    assert response.model_spec.name == "scaler"
    assert response.model_spec.version.value == 7
    assert response.model_spec.signature_name == "serving_default"


def test_feeds_meet_no_static_shape_check(client):
    outputs, version = client.predict("scaler", {"x": np.float32([1, 2, 3]), "name": NAMES})
    np.testing.assert_array_equal(outputs["scaled"], [2, 4, 6])
    assert version == 7


def test_only_the_outputs_asked_for_are_answered(client):
    assert set(client.predict("scaler", INPUTS, outputs=["upper", "scaled"])[0]) == {"upper", "scaled"}


def test_another_signature(client):
    outputs, _ = client.predict("scaler", {"x": np.float32([4])}, signature="bare", version=7)
    np.testing.assert_array_equal(outputs["y"], [8])


REFUSED = {
    "no model name": (predict_request(name=""), "INVALID_ARGUMENT", "ModelSpec has no name specified."),
    "unknown model": (
        predict_request(name="m"),
        "NOT_FOUND",
        "Servable not found for request: Latest(m)",
    ),
    "unknown version": (
        predict_request(version=3),
        "NOT_FOUND",
        "Servable not found for request: Specific(scaler, 3)",
    ),
    "unknown label": (
        predict_request(label="L"),
        "INVALID_ARGUMENT",
        "Unrecognized servable version label: L",
    ),
    "unknown signature": (
        predict_request(signature="s"),
        "FAILED_PRECONDITION",
        'Serving signature key "s" not found.',
    ),
    "missing input": (
        predict_request({"x": X}),
        "INVALID_ARGUMENT",
        "input size does not match signature: 1!=2 len({x}) != len({name,x}). "
        "Sent extra: {}. Missing but required: {name}.",
    ),
    "extra input": (
        predict_request({**INPUTS, "z": X}),
        "INVALID_ARGUMENT",
        "input size does not match signature: 3!=2 len({name,x,z}) != len({name,x}). "
        "Sent extra: {z}. Missing but required: {}.",
    ),
    "wrong input name": (
        predict_request({"x": X, "z": X}),
        "INVALID_ARGUMENT",
        "Signature input alias: name(feed name: serving_default_name:0) not found in request and no default "
        "value provided. Inputs expected to be in the request {x,z}, or default input alias set: ",
    ),
    "wrong type": (
        predict_request({**INPUTS, "x": X.astype(np.float64)}),
        "INVALID_ARGUMENT",
        "Expects arg[1] to be float but double is provided",
    ),
    "unknown output": (
        predict_request(outputs=["y"]),
        "INVALID_ARGUMENT",
        "output tensor alias not found in signature: y "
        "Outputs expected to be in the set {same,scaled,upper}.",
    ),
    "output twice": (
        predict_request(outputs=["upper", "upper"]),
        "INVALID_ARGUMENT",
        "duplicate output tensor alias: upper",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_tf_servings_code_and_words(server, case):
    request, code, message = REFUSED[case]
    assert refusal(prediction_stub(server).Predict, request) == (code, message)


def test_no_model_spec_and_unreadable_tensors(server):
    stub = prediction_stub(server)
    assert refusal(stub.Predict, predict_pb2.PredictRequest()) == ("INVALID_ARGUMENT", "Missing ModelSpec")
    request = predict_request()
    request.inputs["x"].tensor_shape.dim[0].size = -2
    assert refusal(stub.Predict, request) == ("INVALID_ARGUMENT", "tensor parsing error: x")


def test_an_error_of_the_graph_keeps_its_code_and_is_cut(server):
    code, message = refusal(
        prediction_stub(server).Predict, predict_request({"x": np.float32([1])}, signature="fails")
    )
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("assertion failed: [always mmm")
    assert len(message) == 1024 + len("...TRUNCATED")


def test_metadata_holds_the_signatures(server):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "scaler"
    response = prediction_stub(server).GetModelMetadata(request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert response.model_spec.version.value == 7
    serving = signatures.signature_def["serving_default"]
    assert set(serving.inputs) == {"x", "name"}
    assert [dim.size for dim in serving.inputs["x"].tensor_shape.dim] == [-1, 2]
    assert serving.method_name == "tensorflow/serving/predict"


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        (
            [],
            "scaler",
            ("INVALID_ARGUMENT", "GetModelMetadataRequest must specify at least one metadata_field"),
        ),
        (["f"], "scaler", ("INVALID_ARGUMENT", "Metadata field f is not supported")),
        (["signature_def"], "m", ("NOT_FOUND", "Servable not found for request: Latest(m)")),
        (["signature_def"], None, ("INVALID_ARGUMENT", "Missing ModelSpec")),
    ],
)
def test_metadata_refusals(server, fields, name, expected):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    if name is not None:
        request.model_spec.name = name
    assert refusal(prediction_stub(server).GetModelMetadata, request) == expected


def test_calls_on_examples_find_their_model(server):
    stub = prediction_stub(server)
    spec = {"name": "m"}
    task = {"model_spec": spec}
    assert [
        refusal(stub.Classify, classification_pb2.ClassificationRequest()),
        refusal(stub.Regress, regression_pb2.RegressionRequest()),
        refusal(stub.MultiInference, inference_pb2.MultiInferenceRequest()),
        refusal(stub.Classify, classification_pb2.ClassificationRequest(model_spec=spec)),
        refusal(stub.Regress, regression_pb2.RegressionRequest(model_spec=spec)),
        refusal(stub.MultiInference, inference_pb2.MultiInferenceRequest(tasks=[task])),
    ] == [
        ("INVALID_ARGUMENT", "Missing ModelSpec"),
        ("INVALID_ARGUMENT", "Missing ModelSpec"),
        ("INVALID_ARGUMENT", "ModelSpec has no name specified."),
        *[("NOT_FOUND", "Servable not found for request: Latest(m)")] * 3,
    ]


def test_many_clients_at_once_get_their_own_answers(server):
    wrong = []

    def ask(number):
        with ServingClient(server.address) as own:
            for _ in range(25):
                outputs, _ = own.predict("scaler", {"x": np.full((1, 2), number, np.float32), "name": NAMES})
                if outputs["scaled"].tolist() != [[2.0 * number] * 2]:
                    wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_client_says_where_it_asked_and_what_it_heard(server):
    with ServingClient(server.address) as own, pytest.raises(ServingError, match="NOT_FOUND: Servable") as e:
        own.predict("m", INPUTS)
    assert server.address in str(e.value)
    with pytest.raises(ServingError) as nobody, ServingClient("127.0.0.1:1", timeout_s=2) as own:
        own.predict("m", INPUTS)
    assert nobody.value.code.name == "UNAVAILABLE"


class Broken(Servable):
    """A model whose code has a fault."""

    @property
    def signature_defs(self):
        return {"serving_default": meta_graph_pb2.SignatureDef()}

    def predict(self, signature, inputs, *, outputs=()):
        raise KeyError("/a/path")


def test_a_model_that_breaks_is_an_internal_error_without_details(tmp_path, caplog):
    with pytest.raises(StatusError) as error:
        predict(Broken(tmp_path, {}), 1, predict_pb2.PredictRequest())
    assert str(error.value) == "INTERNAL: the model broke: KeyError"
    assert "/a/path" in caplog.text
