"""TF Serving's protos without TensorFlow, in every order of import."""

import subprocess
import sys

import pytest

LIGHT = "from components.records.serving_protos import predict_pb2, tensor_pb2, example_pb2"
CHECK = """
import numpy as np, tensorflow as tf
assert tf.__version__ and tf.constant(1).numpy() == 1 and tf.keras is not None
request = predict_pb2.PredictRequest()
request.inputs["x"].CopyFrom(tf.make_tensor_proto(np.float32([1, 2])))
assert tf.make_ndarray(request.inputs["x"]).tolist() == [1, 2]
assert tf.train.Example is example_pb2.Example
from tensorflow.core.framework import tensor_pb2 as full
assert full.TensorProto is tensor_pb2.TensorProto
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("first", [LIGHT, "import tensorflow"])
def test_they_share_message_classes_with_tensorflow(first):
    run(f"{first}\n{LIGHT}\n{CHECK}")


CLIENTS = """
import components.records.models_config, components.records.servable, components.records.serving_client
import components.records.live_server, components.router, components.push.push, components.server.main
"""


def test_clients_do_not_import_tensorflow():
    code = (
        f"import sys\n{CLIENTS}\nprint([m for m in sys.modules if m.split('.')[0] in ('tensorflow', 'tfx')])"
    )
    assert run(code).strip() == "[]"
