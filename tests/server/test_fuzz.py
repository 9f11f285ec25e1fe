"""Requests that no client means to send: each is answered or refused with a status, never a crash."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.servable import Servable
from components.records.serving_protos import predict_pb2, tensor_pb2, types_pb2
from components.server.errors import StatusError
from components.server.predict import predict


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
