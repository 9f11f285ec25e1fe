"""The server as TF Serving's own client package sees it: its protos, TensorFlow's own tensors."""

import shutil

import grpc
import numpy as np
import pytest

from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.saved_models import save_on_examples


@pytest.fixture(scope="module")
def channel(scaler, tmp_path_factory):
    """To a server of models `scaler`, version 7, and `examples`, version 3."""
    folder = tmp_path_factory.mktemp("official")
    shutil.copytree(scaler, folder / "scaler" / "7")
    save_on_examples(folder / "examples" / "3")
    entries = "".join(
        f'config {{ name: "{name}" base_path: "{folder / name}" model_platform: "tensorflow" }}\n'
        for name in ("scaler", "examples")
    )
    (folder / "models.config").write_text(f"model_config_list {{ {entries} }}")
    with (
        ModelServer.start(ServerOptions(port=0, model_config_file=str(folder / "models.config"))) as server,
        grpc.insecure_channel(server.address) as made,
    ):
        yield made


@pytest.mark.parametrize("batch", [0, 1, 5])
def test_predict_takes_and_gives_tensorflows_tensors(channel, batch):
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    x = np.arange(2 * batch, dtype=np.float32).reshape(batch, 2)
    names = [f"ä{number}".encode() for number in range(batch)]
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "scaler"
    request.inputs["x"].CopyFrom(tf.make_tensor_proto(x))
    request.inputs["name"].CopyFrom(tf.make_tensor_proto(names, tf.string, [batch]))
    response = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, 10)
    np.testing.assert_array_equal(tf.make_ndarray(response.outputs["scaled"]), 2 * x)
    assert tf.make_ndarray(response.outputs["upper"]).tolist() == [name.upper() for name in names]
    assert response.model_spec.version.value == 7


def test_classify_and_regress_take_tensorflows_examples(channel):
    import tensorflow as tf
    from tensorflow_serving.apis import classification_pb2, prediction_service_pb2_grpc, regression_pb2

    example = tf.train.Example(
        features=tf.train.Features(
            feature={"x": tf.train.Feature(float_list=tf.train.FloatList(value=[0.25]))}
        )
    )
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    regression = regression_pb2.RegressionRequest()
    classification = classification_pb2.ClassificationRequest()
    for request, signature in ((regression, "regress"), (classification, "classify")):
        request.model_spec.name, request.model_spec.signature_name = "examples", signature
        request.input.example_list.examples.append(example)
    (value,) = stub.Regress(regression, 10).result.regressions
    assert value.value == 2.125
    (row,) = stub.Classify(classification, 10).result.classifications
    assert [(each.label, each.score) for each in row.classes] == [("low", 0.75), ("high", 0.25)]


def test_status_metadata_and_reload(channel):
    from google.protobuf import any_pb2
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_management_pb2,
        model_service_pb2_grpc,
        prediction_service_pb2_grpc,
    )

    service = model_service_pb2_grpc.ModelServiceStub(channel)
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "scaler"
    (status,) = service.GetModelStatus(request, 10).model_version_status
    assert (status.version, status.state) == (7, get_model_status_pb2.ModelVersionStatus.AVAILABLE)
    asked = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    asked.model_spec.name = "scaler"
    answer = prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(asked, 10)
    packed: any_pb2.Any = answer.metadata["signature_def"]
    assert packed.type_url == "type.googleapis.com/tensorflow.serving.SignatureDefMap"
    with pytest.raises(grpc.RpcError) as error:
        service.HandleReloadConfigRequest(model_management_pb2.ReloadConfigRequest(), 10)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
