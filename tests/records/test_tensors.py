"""Arrays as TensorProto and back; TensorFlow's own functions are the reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from components.records.serving_protos import tensor_pb2, types_pb2
from components.records.tensors import enum_name, from_proto, to_proto, type_name

TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c8", "c16")
arrays = st.sampled_from(TYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)


@given(arrays)
def test_numbers_round_trip(array):
    back = from_proto(to_proto(array))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@given(hnp.arrays(object, hnp.array_shapes(min_side=0, max_side=3), elements=st.binary(max_size=5)))
def test_strings_round_trip(array):
    back = from_proto(to_proto(array))
    assert back.shape == array.shape
    assert back.tolist() == array.tolist()


def test_text_becomes_bytes():
    assert from_proto(to_proto(np.array(["ü", "b"]))).tolist() == ["ü".encode(), b"b"]


@pytest.mark.parametrize("dtype", TYPES)
def test_both_forms_that_tensorflow_writes_are_read(dtype):
    import tensorflow as tf

    for array in (np.array([[0, 1], [1, 0], [1, 1]], dtype), np.array(1, dtype), np.ones((5, 2), dtype)):
        np.testing.assert_array_equal(from_proto(tf.make_tensor_proto(array)), array)
        np.testing.assert_array_equal(tf.make_ndarray(to_proto(array)), array)
    same = tf.make_tensor_proto(3 > 2, tf.as_dtype(np.dtype(dtype)), shape=[2, 3])  # one value for all
    assert from_proto(same).tolist() == [[1] * 3] * 2


def proto(enum="DT_FLOAT", shape=(), **fields):
    made = tensor_pb2.TensorProto(dtype=types_pb2.DataType.Value(enum), **fields)
    for size in shape:
        made.tensor_shape.dim.add().size = size
    return made


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (proto("DT_INVALID"), "no valid type"),
        (proto(shape=[-1]), "no valid type and shape"),
        (proto(shape=[2**40]), "larger than a message"),
        (proto(shape=[2], float_val=[1, 2, 3]), "more values than its shape"),
        (proto(shape=[2], tensor_content=b"1234567"), "does not fit"),
        (proto("DT_STRING", shape=[1], tensor_content=b"x"), "does not fit"),
        (proto("DT_COMPLEX64", shape=[2], scomplex_val=[1]), "pairs"),
    ],
)
def test_what_is_no_tensor_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        from_proto(bad)


def test_a_tensor_without_values_is_zero_and_small_integers_wrap():
    assert from_proto(proto(shape=[2])).tolist() == [0, 0]
    assert from_proto(proto("DT_STRING", shape=[2])).tolist() == [b"", b""]
    assert from_proto(proto("DT_UINT8", shape=[1], int_val=[257])).tolist() == [1]


def test_names_and_unknown_types():
    assert type_name(types_pb2.DataType.Value("DT_INT64")) == "int64"
    with pytest.raises(ValueError, match="datetime64"):
        to_proto(np.array(["2026-01-01"], dtype="datetime64[D]"))


@pytest.mark.parametrize(
    "dtype", [np.float32, np.float64, np.int32, np.int64, np.uint8, np.bool_, np.complex64]
)
def test_packed_bytes_hold_the_same_tensor(dtype):
    array = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    proto = to_proto(array, packed=True)
    assert proto.tensor_content == array.tobytes()
    np.testing.assert_array_equal(from_proto(proto), array)
    assert from_proto(proto).dtype == array.dtype


def test_strings_are_never_packed():
    array = np.array([b"a", b"\xff"], dtype=object)
    assert to_proto(array, packed=True) == to_proto(array)


def test_a_type_is_named_as_tensorflow_names_it():
    assert [enum_name(np.dtype(t)) for t in (np.float32, object, np.int64)] == [
        "DT_FLOAT",
        "DT_STRING",
        "DT_INT64",
    ]
    with pytest.raises(ValueError, match="dtype=datetime64"):
        enum_name(np.dtype("datetime64"))
