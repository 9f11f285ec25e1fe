"""Requests that no client means to send: each is answered or refused with a status, never a crash."""

import contextlib

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.servable import Servable
from components.records.serving_protos import predict_pb2, tensor_pb2, types_pb2
from components.server.errors import StatusError
from components.server.predict import predict
from tests.server.calls import INPUTS


def _tensor(dtype, sizes, floats, texts, content, unknown):
    proto = tensor_pb2.TensorProto(dtype=dtype, float_val=floats, string_val=texts, tensor_content=content)
    for size in sizes:
        proto.tensor_shape.dim.add().size = size
    proto.tensor_shape.unknown_rank = unknown
    return proto


FLOAT, STRING = types_pb2.DataType.Value("DT_FLOAT"), types_pb2.DataType.Value("DT_STRING")
tensors = st.builds(
    _tensor,
    st.sampled_from([FLOAT, FLOAT, STRING, STRING, *types_pb2.DataType.values()]),
    st.lists(st.sampled_from([0, 1, 2, 2, 3, -1, 2**31, 2**62]), max_size=3),
    st.lists(st.floats(width=32), max_size=4),
    st.lists(st.binary(max_size=3), max_size=4),
    st.sampled_from([b"", b"", np.float32([1, 2]).tobytes(), b"abc"]),
    st.sampled_from([False, False, False, True]),
)
names = st.sampled_from(["x", "name", "y"])


@pytest.fixture(scope="module")
def loaded(scaler):
    return Servable.load(scaler)


@given(
    inputs=st.dictionaries(names, tensors, max_size=3),
    signature=st.sampled_from(["", "", "bare", "fails", "?"]),
    outputs=st.lists(st.sampled_from(["scaled", "upper", "y"]), max_size=2),
)
def test_predict_answers_or_refuses(loaded, inputs, signature, outputs):
    request = predict_pb2.PredictRequest(inputs=inputs, output_filter=outputs)
    request.model_spec.signature_name = signature
    with contextlib.suppress(StatusError):
        assert predict(loaded, 1, request).outputs


METHODS = [
    f"/tensorflow.serving.{service}/{method}"
    for service, methods in (
        ("PredictionService", ("Predict", "Classify", "Regress", "MultiInference", "GetModelMetadata")),
        ("ModelService", ("GetModelStatus", "NoSuchCall")),
    )
    for method in methods
]
SENT = predict_pb2.PredictRequest(
    model_spec={"name": "scaler", "version": {"value": 7}}, output_filter=["upper"]
).SerializeToString()
messages = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda cut, more: SENT[:cut] + more, st.integers(0, len(SENT)), st.binary(max_size=9)),
)


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.address) as connected:
        yield connected


@given(method=st.sampled_from(METHODS), message=messages)
def test_any_bytes_are_answered_or_refused(channel, client, method, message):
    call = channel.unary_unary(method).future(message, timeout=10)
    assert call.exception() is None or call.code() != grpc.StatusCode.UNKNOWN, call.details()
    assert client.predict("scaler", INPUTS)[1] == 7
