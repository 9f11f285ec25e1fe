"""JSON out: numbers, nesting and layout."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from components.records.serving_protos import classification_pb2, regression_pb2
from components.records.tensors import to_proto
from components.server.errors import StatusError
from components.server.rest.json_response import (
    classifications,
    prediction_columns,
    prediction_rows,
    regressions,
)
from components.server.rest.json_writer import debug_text, decimals


def protos(**outputs):
    return {name: to_proto(np.asarray(array)) for name, array in outputs.items()}


def test_rows_of_one_output():
    assert prediction_rows(protos(y=np.float32([2.5, 3, 4.5]))) == (
        b'{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}'
    )
    assert prediction_rows(protos(y=np.int64([[1, 2], [3, 4]]))) == (
        b'{\n    "predictions": [[1, 2], [3, 4]\n    ]\n}'
    )
    assert prediction_rows(protos(y=np.zeros((0, 3), np.float32))) == b'{\n    "predictions": []\n}'
    assert prediction_rows(protos(y=np.zeros((2, 0, 3), np.float32))) == (
        b'{\n    "predictions": [[], []\n    ]\n}'
    )


def test_rows_of_several_outputs():
    text = prediction_rows(protos(b=[True, False], a_bytes=np.array([[b"\xff"], [b""]], dtype=object)))
    assert text == (
        b'{\n    "predictions": [\n        {\n            "a_bytes": [{\n                    "b64": "/w=="\n'
        b'                }],\n            "b": true\n        },\n        {\n            "a_bytes": [{\n'
        b'                    "b64": ""\n                }],\n            "b": false\n        }\n    ]\n}'
    )


def test_columns():
    assert prediction_columns(protos(y=np.float32(2))) == b'{\n    "outputs": 2.0\n}'
    assert prediction_columns(protos(y=np.int32([[1], [2]]))) == (
        b'{\n    "outputs": [\n        [\n            1\n        ],\n        [\n            2\n'
        b"        ]\n    ]\n}"
    )
    assert prediction_columns(protos(y=np.int32([1]), x=np.zeros((0, 2)))) == (
        b'{\n    "outputs": {\n        "x": [],\n        "y": [\n            1\n        ]\n    }\n}'
    )


def test_strings_are_escaped_and_bytes_go_through():
    strings = np.array([b'"\\/\x01\n', "é".encode(), b"\xff"], dtype=object)
    assert b'["\\"\\\\/\\u0001\\n", "\xc3\xa9", "\xff"\n' in prediction_rows(protos(y=strings))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (9000000.0, "9e+06"),
        (3e-5, "3e-05"),
        (1 / 3, "0.333333343"),
        (16777217.0, "16777216.0"),
        (1435774380.0, "1.43577434e+09"),
        (-0.0, "-0.0"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (3.4028235e38, "3.40282347e+38"),
    ],
)
def test_floats_are_as_short_as_can_be(value, text):
    assert decimals(np.float32([value])) == [text]


def test_doubles_have_17_digits():
    assert decimals(np.array([1 / 3, 0.1, 1e300])) == ["0.33333333333333331", "0.1", "1e+300"]


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "Cannot convert empty tensor map to JSON"),
        (protos(y=np.float32(1)), "Tensor name: y has no shape information "),
        (
            protos(a=np.float32([1]), b=np.float32([1, 2])),
            "Tensor name: b has inconsistent batch size: 2 expecting: 1",
        ),
        (protos(y=np.complex64([1])), "Failed to write JSON value for tensor type: complex64"),
        (protos(y=np.float16([1])), "Failed to write JSON value for tensor type: half"),
    ],
)
def test_what_cannot_be_rows(outputs, message):
    with pytest.raises(StatusError) as error:
        prediction_rows(outputs)
    assert str(error.value) == f"INVALID_ARGUMENT: {message}"


def test_classes_and_values():
    result = classification_pb2.ClassificationResult()
    for _ in range(2):
        result.classifications.add().classes.add(label='a"', score=0.1)
    assert classifications(result) == b'{\n    "results": [[["a\\"", 0.1]], [["a\\"", 0.1]]\n    ]\n}'
    values = regression_pb2.RegressionResult(regressions=[{"value": 1.5}, {"value": math.nan}])
    assert regressions(values) == b'{\n    "results": [1.5, NaN]\n}'
    with pytest.raises(StatusError, match="Cannot convert empty ClassificationResults to JSON"):
        classifications(classification_pb2.ClassificationResult())
    with pytest.raises(StatusError, match="Cannot convert empty RegressionResults to JSON"):
        regressions(regression_pb2.RegressionResult())


@given(
    arrays.arrays(
        st.sampled_from([np.float32, np.float64, np.int8, np.uint8, np.int32, np.int64, np.uint64, np.bool_]),
        arrays.array_shapes(max_dims=4, min_side=0, max_side=3),
    )
)
def test_what_was_written_reads_back(array):
    for document in (prediction_rows(protos(y=array)), prediction_columns(protos(y=array))):
        (values,) = json.loads(document).values()
        back = np.array(values, dtype=array.dtype).reshape(array.shape)
        np.testing.assert_array_equal(back, array)


def test_an_error_text_shows_the_beginning_of_a_value():
    assert debug_text({"a": [1, 2.0, "x", None, True], "b": {}}) == (
        '{\n    "a": [1, 2.0, "x", null, true],\n    "b": {}\n}'
    )
    assert debug_text([1e21, 1e20, 1.5e-7, 0.001, -0.0, 2**64, 123.25]) == (
        "[1e21, 100000000000000000000.0, 1.5e-7, 0.001, -0.0, 18446744073709552000.0, 123.25]"
    )
    assert debug_text(["x" * 300, 1]) == f'["{"x" * 300}"'
    assert debug_text([0] * 1000) == "[" + ", ".join(["0"] * 86)
    assert debug_text([1, math.nan, 2]) == "[1"
