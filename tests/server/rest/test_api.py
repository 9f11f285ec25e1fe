"""Requests to answers: predict in rows and columns, what is refused and how, paths."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.server.rest.echo import Echo, api_of, predict

FLOAT = Echo({"serving_default": {"x": "DT_FLOAT"}, "named": {"x": "DT_INT32"}})
TWO = Echo({"serving_default": {"n": "DT_INT64", "s": "DT_STRING"}})
NOTHING = Echo({"serving_default": {}})
HALF = Echo({"serving_default": {"h": "DT_HALF"}})


def element(number, problem, key=""):
    return f"Failed to process element: {number}{key} of 'instances' list. Error: INVALID_ARGUMENT: {problem}"


REFUSED = [
    (FLOAT, "", "JSON Parse error: The document is empty"),
    (FLOAT, "instances = [1, 2]", "JSON Parse error: Invalid value. at offset: 0"),
    (FLOAT, "[1, 2.5]", "JSON Value: [1, 2.5] Is not object"),
    (FLOAT, "3", "JSON Value: 3 Is not object"),
    (
        FLOAT,
        '{"signature_name": 100}',
        'JSON Value: {\n    "signature_name": 100\n} not formatted correctly. '
        "'signature_name' key must be a string value.",
    ),
    (FLOAT, '{"signature_name": "s"}', 'Serving signature name: "s" not found in signature def'),
    (NOTHING, "{}", "Failed to get input map for signature: DEFAULT"),
    (FLOAT, "{}", "Missing 'inputs' or 'instances' key"),
    (
        FLOAT,
        '{"instances": [1], "inputs": 1}',
        'JSON Value: {\n    "instances": [1],\n    "inputs": 1\n} Not formatted correctly expecting only '
        "one of 'inputs' or 'instances' keys to exist ",
    ),
    (
        FLOAT,
        '{"instances": {}}',
        "JSON Value: {\n    \"instances\": {}\n} Expecting 'instances' to be an list/array",
    ),
    (FLOAT, '{"instances": []}', "JSON Value: {\n    \"instances\": []\n} No values in 'instances' array"),
    (
        FLOAT,
        '{"instances": [1, "a"]}',
        element(1, 'JSON Value: "a" Type: String is not of expected type: float'),
    ),
    (
        FLOAT,
        '{"inputs": [true]}',
        "JSON Value: true Type: True is not of expected type: float",
    ),
    (FLOAT, '{"inputs": [null]}', "JSON Value: null Type: Null is not of expected type: float"),
    (
        FLOAT,
        '{"inputs": {"x": [{"y": 1}]}}',
        'JSON Value: {\n    "y": 1\n} Type: Object is not of expected type: float',
    ),
    (
        FLOAT,
        '{"signature_name": "named", "inputs": [1.0]}',
        "JSON Value: 1.0 Type: Number is not of expected type: int32",
    ),
    (
        FLOAT,
        '{"signature_name": "named", "inputs": [2147483648]}',
        "JSON Value: 2147483648 Type: Number is not of expected type: int32",
    ),
    (
        TWO,
        '{"inputs": {"n": 9223372036854775808, "s": "a"}}',
        "JSON Value: 9223372036854775808 Type: Number is not of expected type: int64",
    ),
    (FLOAT, '{"instances": [[1, 2], [3, 4, 5]]}', element(1, "Expecting tensor size: 2 but got: 3")),
    (FLOAT, '{"instances": [[1, 2], [[3, 4]]]}', element(1, "Expecting shape [2] but got: [1,2]")),
    (FLOAT, '{"instances": [1, [1]]}', element(1, "Expecting shape [] but got: [1]")),
    (
        FLOAT,
        '{"inputs": [[1, 2], [3]]}',
        "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
    ),
    (FLOAT, '{"inputs": [1, [2]]}', "Encountered list at unexpected level: 1 expected < 1"),
    (
        FLOAT,
        '{"inputs": [[1], 2]}',
        "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
    ),
    (
        TWO,
        '{"instances": [1]}',
        "instances is a plain list, but expecting list of objects as multiple "
        "input tensors required as per tensorinfo_map",
    ),
    (
        TWO,
        '{"inputs": [1]}',
        "inputs is a plain value/list, but expecting an object as multiple "
        "input tensors required as per tensorinfo_map",
    ),
    (TWO, '{"inputs": {"n": 1}}', "Missing named input: s in 'inputs' object."),
    (
        TWO,
        '{"instances": [{"n": 1, "s": ""}, 2]}',
        "Expecting object but got list at item 1 of input list",
    ),
    (FLOAT, '{"instances": [1, {"x": 2}]}', "Expecting value/list but got object at item 1 of input list"),
    (
        TWO,
        '{"instances": [{"n": 1}]}',
        "Failed to process element: 0 of 'instances' list. JSON object: {\n    \"n\": 1\n} "
        "keys must be equal to: n,s",
    ),
    (
        TWO,
        '{"instances": [{"n": 1, "k": 2}]}',
        element(0, "JSON object: does not have named input: k", " key: k"),
    ),
    (
        TWO,
        '{"inputs": {"n": 1, "s": {"b64": 1}}}',
        'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data',
    ),
    (TWO, '{"inputs": {"n": 1, "s": {"b64": "a"}}}', "Unable to base64 decode"),
    (TWO, '{"inputs": {"n": 1, "s": {"b64": "?"}}}', "Unable to base64 decode"),
]


@pytest.mark.parametrize(("model", "body", "message"), REFUSED)
def test_a_refusal_has_tf_servings_words(model, body, message):
    code, answer = predict(model, body)
    assert code == "INVALID_ARGUMENT"
    assert json.loads(answer) == {"error": message}
    assert answer.startswith('{\n    "error": "')


def test_a_type_that_json_has_not():
    code, answer = predict(HALF, '{"inputs": [1]}')
    assert (code, json.loads(answer)) == (
        "UNIMPLEMENTED",
        {"error": "Conversion of JSON Value: 1 to type: half"},
    )
    code, answer = predict(HALF, '{"instances": [1]}')
    assert code == "INVALID_ARGUMENT"
    assert "Error: UNIMPLEMENTED: Conversion of" in answer


def test_rows_and_columns():
    rows = '{"instances": [{"n": 1, "s": "a"}, {"s": {"b64": "/w"}, "n": 18}]}'
    assert predict(TWO, rows)[0] == "OK"
    np.testing.assert_array_equal(TWO.seen["n"], [1, 18])
    assert TWO.seen["s"].tolist() == [b"a", b"\xff"]
    assert json.loads(predict(TWO, '{"inputs": {"n": [[1]], "s": "b", "other": 1}}')[1]) == {
        "outputs": {"n": [[1]], "s": "b"}
    }
    assert json.loads(predict(FLOAT, '{"instances": [{"x": [1]}, {"x": [2]}]}')[1]) == {
        "predictions": [[1.0], [2.0]]
    }
    assert json.loads(predict(FLOAT, '{"inputs": 2}')[1]) == {"outputs": 2.0}
    assert json.loads(predict(FLOAT, '{"inputs": []}')[1]) == {"outputs": []}


@pytest.mark.parametrize(
    ("dtype", "text", "value"),
    [
        ("DT_FLOAT", "1e39", np.float32(np.inf)),
        ("DT_FLOAT", "18446744073709551616", np.float32(2**64)),
        ("DT_DOUBLE", "NaN", np.float64(np.nan)),
        ("DT_INT64", "-9223372036854775808", np.int64(-(2**63))),
        ("DT_UINT64", "18446744073709551615", np.uint64(2**64 - 1)),
        ("DT_UINT32", "4294967295", np.uint32(2**32 - 1)),
        ("DT_INT8", "300", np.int8(44)),  # TensorFlow casts
        ("DT_BOOL", "true", np.True_),
        ("DT_STRING", '{"b64": "AA=="}', b"\0"),
        ("DT_STRING", '"\\u00e4"', b"\xc3\xa4"),
    ],
)
def test_a_value_becomes_what_the_signature_says(dtype, text, value):
    model = Echo({"serving_default": {"x": dtype}})
    assert predict(model, f'{{"instances": [{text}]}}')[0] == "OK"
    np.testing.assert_equal(model.seen["x"].tolist(), [value])
    assert model.seen["x"].dtype == (object if dtype == "DT_STRING" else value.dtype)


TYPES = {
    "DT_FLOAT": np.float32,
    "DT_DOUBLE": np.float64,
    "DT_INT32": np.int32,
    "DT_INT64": np.int64,
    "DT_UINT64": np.uint64,
    "DT_BOOL": np.bool_,
}


@given(st.data(), st.sampled_from(sorted(TYPES)), st.booleans())
def test_numbers_go_there_and_back(data, dtype, rows):
    shape = data.draw(arrays.array_shapes(max_dims=3, min_side=int(rows), max_side=3))
    array = data.draw(arrays.arrays(TYPES[dtype], shape))
    key, answer_key = ("instances", "predictions") if rows else ("inputs", "outputs")
    code, answer = predict(Echo({"serving_default": {"x": dtype}}), json.dumps({key: array.tolist()}))
    assert code == "OK", answer
    back = np.array(json.loads(answer)[answer_key], dtype=array.dtype).reshape(array.shape)
    np.testing.assert_array_equal(back, array)


@given(st.lists(st.binary(), min_size=1, max_size=4), st.booleans())
def test_bytes_go_there_and_back(values, rows):
    import base64

    encoded = [{"b64": base64.b64encode(value).decode()} for value in values]
    body = json.dumps({"instances" if rows else "inputs": encoded})
    model = Echo({"serving_default": {"x_bytes": "DT_STRING"}})
    code, answer = predict(model, body)
    assert code == "OK"
    assert model.seen["x_bytes"].tolist() == values
    assert list(json.loads(answer).values()) == [encoded]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_texts_go_there_and_back(values):
    model = Echo({"serving_default": {"x": "DT_STRING"}})
    code, answer = predict(model, json.dumps({"inputs": values}).encode())
    assert code == "OK"
    assert json.loads(answer) == {"outputs": values}


MALFORMED = [
    ("GET", "/v1/foo"),
    ("POST", "/v1/models"),
    ("GET", "/v1/models/a/b"),
    ("GET", "/v1/models/m:predict"),
    ("POST", "/v1/models/m/version/1:predict"),
    ("POST", "/v1/models/m/versions/a:predict"),
    ("POST", "/v1/models/m/versions/1/labels/a:predict"),
    ("POST", "/v1/models/m/metadata"),
    ("POST", "/v1/models/m:predict?a=b"),
    ("POST", "/v1/models/m:PREDICT"),
    ("PUT", "/v1/models/m"),
]


@pytest.mark.parametrize(("method", "target"), MALFORMED)
def test_what_is_no_path(method, target):
    answer = api_of(FLOAT).answer(method, target, b"")
    assert answer.code.name == "INVALID_ARGUMENT"
    assert json.loads(answer.body) == {"error": f"Malformed request: {method} {target}"}


def test_paths():
    api = api_of(FLOAT)
    body = b'{"instances": [1]}'
    for path in ("/v1/models/m", "/V1/MODELS/m", "/v1/models/m/versions/1", "/v1/models/%6D/labels/a%20b"):
        assert api.answer("POST", f"{path}:predict", body).code.name == "OK"
    answer = api.answer("POST", "/v1/models/n:predict", body)
    assert answer.code.name == "NOT_FOUND"
    assert json.loads(answer.body) == {"error": "Servable not found for request: Latest(n)"}
    assert api.answer("POST", "/v1/models/m/versions/99999999999999999999:predict", body)[:2] == (
        answer.code.INVALID_ARGUMENT,
        b"",
    )
    for path in ("/v1/models", "/v1/models/versions/3"):
        missing = api.answer("GET", path, b"")
        assert json.loads(missing.body) == {"error": "Missing model name in request."}


def test_a_fault_of_the_model_is_no_crash():
    class Broken(Echo):
        def predict(self, *_, **__):
            raise RuntimeError("a secret path")

    code, answer = predict(Broken({"serving_default": {"x": "DT_FLOAT"}}), '{"inputs": 1}')
    assert code == "INTERNAL"
    assert "secret" not in answer
