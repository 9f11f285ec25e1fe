"""What is said of a SavedModel's signature."""

import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from components.records.saved_model import described


@pytest.mark.parametrize("names", ["abcdefgh", "hgfedcba", "cahgbefd"])
def test_tensors_come_by_name_in_whatever_order_they_were_given(names):
    proto = meta_graph_pb2.SignatureDef()
    for name in names:
        proto.inputs[f"in_{name}"].dtype = proto.outputs[f"out_{name}"].dtype = 1
    signature = described(proto)
    assert list(signature.inputs) == [f"in_{name}" for name in "abcdefgh"]
    assert list(signature.outputs) == [f"out_{name}" for name in "abcdefgh"]
