"""Responses of predict, classify and regress as JSON, in rows or columns as the request was."""

import base64
from collections.abc import Mapping

import numpy as np

from components.records.array import Array
from components.records.serving_protos import (
    classification_pb2,
    regression_pb2,
    tensor_pb2,
)
from components.records.tensors import from_proto, type_name
from components.server.errors import invalid_argument
from components.server.rest.json_writer import INDENT, decimals, nested, quoted

_WHOLE = tuple(map(np.dtype, (np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint32, np.uint64)))
_BYTES_SUFFIX = "_bytes"
"""Of the name of an output whose strings are bytes, which go as base64."""

Tensors = Mapping[str, tensor_pb2.TensorProto]


def prediction_rows(outputs: Tensors) -> bytes:
    """`predictions`: one entry per row of the outputs; an object where there is more than one output.

    Raises:
        StatusError: There is no output, they differ in rows, or one has none or a type that JSON has not.
    """
    count = _rows(outputs)
    named = len(outputs) > 1
    level = 3 if named else 2  # of the entries' values
    columns = {}
    for name, tensor in sorted(outputs.items()):
        array = _array(tensor)
        shape = array.shape[1:]
        leaves = _leaves(name, array, level + len(shape))
        columns[name] = nested(leaves, count, shape, None)
    if not named:
        (entries,) = columns.values()
        text = f"[{', '.join(entries)}\n{INDENT}]" if entries else "[]"
    else:
        keys = [f"\n{INDENT * 3}{quoted(name)}: " for name in columns]
        objects = [
            f"\n{INDENT * 2}{{{','.join(map(str.__add__, keys, values))}\n{INDENT * 2}}}"
            for values in zip(*columns.values(), strict=True)
        ]
        text = f"[{','.join(objects)}\n{INDENT}]" if objects else "[]"
    return _document("predictions", text)


def prediction_columns(outputs: Tensors) -> bytes:
    """`outputs`: the one output, or an object of all.

    Raises:
        StatusError: There is no output, or one has a type that JSON has not.
    """
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    level = 2 if len(outputs) > 1 else 1
    values = {}
    for name, tensor in sorted(outputs.items()):
        array = _array(tensor)
        (values[name],) = nested(_leaves(name, array, level + array.ndim), 1, array.shape, level)
    if len(values) == 1:
        (text,) = values.values()
    else:
        lines = ",".join(f"\n{INDENT * 2}{quoted(name)}: {value}" for name, value in values.items())
        text = f"{{{lines}\n{INDENT}}}"
    return _document("outputs", text)


def classifications(result: classification_pb2.ClassificationResult) -> bytes:
    """`results`: label and score of each class of each example. Raises `StatusError`: there is no example."""
    if not result.classifications:
        raise invalid_argument("Cannot convert empty ClassificationResults to JSON")
    entries = []
    for listed in result.classifications:
        scores = decimals(np.array([each.score for each in listed.classes], dtype=np.float32))
        pairs = [
            f"[{quoted(each.label)}, {score}]" for each, score in zip(listed.classes, scores, strict=True)
        ]
        entries.append(f"[{', '.join(pairs)}]")
    return _document("results", f"[{', '.join(entries)}\n{INDENT}]")


def regressions(result: regression_pb2.RegressionResult) -> bytes:
    """`results`: the value of each example. Raises `StatusError`: there is none."""
    if not result.regressions:
        raise invalid_argument("Cannot convert empty RegressionResults to JSON")
    values = np.array([each.value for each in result.regressions], dtype=np.float32)
    return _document("results", f"[{', '.join(decimals(values))}]")


def _rows(outputs: Tensors) -> int:
    if not outputs:
        raise invalid_argument("Cannot convert empty tensor map to JSON")
    rows = -1
    for name, tensor in sorted(outputs.items()):
        if not tensor.tensor_shape.dim:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        size = tensor.tensor_shape.dim[0].size
        if rows not in (-1, size):
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: {size} expecting: {rows}"
            )
        rows = size
    return rows


def _array(tensor: tensor_pb2.TensorProto) -> Array:
    array = from_proto(tensor)
    if array.size and array.dtype not in (*_WHOLE, np.float32, np.float64, np.bool_, np.object_):
        raise invalid_argument(f"Failed to write JSON value for tensor type: {type_name(tensor.dtype)}")
    return array


def _leaves(name: str, array: Array, level: int) -> list[str]:
    """The elements as JSON; `level` is how deep an object among them would be indented."""
    flat = array.ravel()
    if flat.dtype in _WHOLE:
        return list(map(str, flat.tolist()))
    if flat.dtype == np.bool_:
        return ["true" if value else "false" for value in flat.tolist()]
    if flat.dtype != np.object_:
        return decimals(flat) if flat.size else []
    if name.endswith(_BYTES_SUFFIX):
        start, end = f"{{\n{INDENT * (level + 1)}", f"\n{INDENT * level}}}"
        return [f'{start}"b64": "{base64.b64encode(value).decode()}"{end}' for value in flat.tolist()]
    return [quoted(value.decode(errors="surrogateescape")) for value in flat.tolist()]


def _document(key: str, text: str) -> bytes:
    return f'{{\n{INDENT}"{key}": {text}\n}}'.encode(errors="surrogateescape")
