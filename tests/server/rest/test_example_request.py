"""Bodies of classify and regress."""

import pytest
from google.protobuf import text_format

from components.records.serving_protos import classification_pb2, regression_pb2
from components.server.errors import StatusError
from components.server.rest.example_request import fill_example_request


def filled(body, kind=classification_pb2.ClassificationRequest):
    request = kind()
    fill_example_request(request, body.encode())
    return request


def test_examples():
    body = (
        '{"signature_name": "s", "examples": [{"a": [1, true], "b": 2.5, "c": ["x", {"b64": "/w=="}]}, {}]}'
    )
    for kind in (classification_pb2.ClassificationRequest, regression_pb2.RegressionRequest):
        request = filled(body, kind)
        assert request.model_spec.signature_name == "s"
        first, second = request.input.example_list.examples
        feature = first.features.feature
        assert list(feature["a"].int64_list.value) == [1, 1]
        assert list(feature["b"].float_list.value) == [2.5]
        assert list(feature["c"].bytes_list.value) == [b"x", b"\xff"]
        assert not second.features.feature


def test_a_context_is_shared():
    request = filled('{"context": {"a": 1}, "examples": [{"b": []}]}')
    expected = """example_list_with_context {
      context { features { feature { key: "a" value { int64_list { value: 1 } } } } }
      examples { features { feature { key: "b" value {} } } } }"""
    assert request.input == text_format.Parse(expected, type(request.input)())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "When method is classify, key 'examples' is expected and was not found"),
        ('{"examples": {}}', "Expecting 'examples' value to be an list/array"),
        ('{"examples": []}', "'examples' value is an empty array"),
        ('{"examples": [[]]}', "Example must be JSON object but got JSON Array"),
        ('{"context": 1, "examples": [{}]}', "Example must be JSON object but got JSON Number"),
        (
            '{"examples": [{"a": [10, null]}]}',
            "Feature: a has element with unexpected JSON type: Null",
        ),
        ('{"examples": [{"a": [10, 10.0]}]}', "Unexpected element type in feature: a expecting type: int64"),
        ('{"examples": [{"a": ["x", 1]}]}', "Unexpected element type in feature: a expecting type: bytes"),
        ('{"examples": [{"a": [{"b": 1}]}]}', "Feature: a has element with unexpected JSON type: Object"),
        ('{"examples": [{"a": [[1]]}]}', "Feature: a has element with unexpected JSON type: Array"),
        (
            '{"examples": [{"a": 18446744073709551603}]}',
            "Feature: a has uint64_t element. Only int64_t is supported.",
        ),
        ('{"examples": [{"a": {"b64": "?"}}]}', "Unable to base64 decode"),
        ('{"signature_name": 1}', "'signature_name' key must be a string value."),
    ],
)
def test_refusals(body, message):
    with pytest.raises(StatusError) as error:
        filled(body)
    assert error.value.code.name == "INVALID_ARGUMENT"
    assert error.value.message.endswith(message)
