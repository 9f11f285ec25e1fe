"""The body of a REST classify or regress call: `examples`, and a `context` that all of them share."""

from typing import Any

from components.records.serving_protos import classification_pb2, example_pb2, regression_pb2
from components.server.errors import StatusError, invalid_argument
from components.server.rest.json_values import (
    format_error,
    is_base64,
    json_type,
    read_base64,
    read_body,
    read_signature_name,
    well_formed,
)

_KINDS = {"bytes_list": "bytes", "float_list": "float", "int64_list": "int64"}
_MAX_INT64 = 2**63 - 1
_MAX_UINT64 = 2**64 - 1


def fill_example_request(
    request: classification_pb2.ClassificationRequest | regression_pb2.RegressionRequest, body: bytes
) -> None:
    """Fills `request` from a body. Raises `StatusError`: the body is not what such a call reads."""
    document = read_body(body)
    request.model_spec.signature_name = read_signature_name(document)
    target = request.input.example_list.examples
    if "context" in document:
        listed = request.input.example_list_with_context
        listed.context.SetInParent()
        _fill_example(listed.context, document["context"])
        target = listed.examples
    if "examples" not in document:
        raise format_error(document, "When method is classify, key 'examples' is expected and was not found")
    examples = document["examples"]
    if type(examples) is not list:
        raise format_error(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise format_error(document, "'examples' value is an empty array")
    for example in examples:
        _fill_example(target.add(), example)


def _fill_example(example: example_pb2.Example, value: Any) -> None:
    if type(value) is not dict:
        raise invalid_argument(f"Example must be JSON object but got JSON {json_type(value)}")
    for name, content in value.items():
        feature = example.features.feature[well_formed(name)]
        for item in content if type(content) is list else [content]:
            _add_value(feature, name, item)


def _add_value(feature: Any, name: str, value: Any) -> None:
    field, item = _read_value(name, value)
    kind = feature.WhichOneof("kind")
    if kind not in (None, field):
        raise invalid_argument(f"Unexpected element type in feature: {name} expecting type: {_KINDS[kind]}")
    if field == "bytes_list" and item is None:
        item = read_base64(value)
    elif field == "int64_list" and item > _MAX_INT64:
        raise invalid_argument(f"Feature: {name} has uint64_t element. Only int64_t is supported.")
    getattr(feature, field).value.append(item)


def _read_value(name: str, value: Any) -> tuple[str, Any]:
    """The list of a feature that a value belongs to, and the value; None for bytes that are still base64."""
    match value:
        case bool():
            return "int64_list", int(value)
        case str():
            return "bytes_list", value.encode(errors="surrogateescape")
        case float():
            return "float_list", value
        case int():
            whole = -_MAX_INT64 - 1 <= value <= _MAX_UINT64
            return ("int64_list", value) if whole else ("float_list", float(value))
        case _ if is_base64(value):
            return "bytes_list", None
    raise _unexpected(name, value)


def _unexpected(name: str, value: Any) -> StatusError:
    return invalid_argument(f"Feature: {name} has element with unexpected JSON type: {json_type(value)}")
