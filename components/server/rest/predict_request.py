"""The body of a REST predict call as a `PredictRequest`: rows (`instances`) or columns (`inputs`).

Values become what the signature says the input is; what does not fit is refused in TF Serving's words.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from components.records.serving_protos import meta_graph_pb2, predict_pb2
from components.server.errors import StatusError, invalid_argument
from components.server.rest.json_tensor import add_values, set_shape, shape_of, shown
from components.server.rest.json_values import format_error, is_base64, read_body, read_signature_name
from components.server.rest.json_writer import debug_text

Infos = Mapping[str, meta_graph_pb2.TensorInfo]


def fill_predict_request(
    request: predict_pb2.PredictRequest, body: bytes, inputs_of: Callable[[str], Infos]
) -> bool:
    """Fills `request` from a body.

    Args:
        inputs_of: The inputs of the signature of that name; raises `StatusError`.

    Returns: Whether the inputs came in rows, which is how the answer is to be given then.
    Raises:
        StatusError: The body is not what a predict call reads.
    """
    document = read_body(body)
    name = read_signature_name(document)
    request.model_spec.signature_name = name
    infos = inputs_of(name)
    if not infos:
        raise invalid_argument(f"Failed to get input map for signature: {name or 'DEFAULT'}")
    if "instances" in document and "inputs" in document:
        raise format_error(
            document, "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        )
    if "instances" in document:
        instances = document["instances"]
        if type(instances) is not list:
            raise format_error(document, "Expecting 'instances' to be an list/array")
        if not instances:
            raise format_error(document, "No values in 'instances' array")
        _fill_rows(request, instances, infos)
        return True
    if "inputs" in document:
        _fill_columns(request, document["inputs"], infos)
        return False
    raise invalid_argument("Missing 'inputs' or 'instances' key")


def _fill_rows(request: predict_pb2.PredictRequest, rows: list[Any], infos: Infos) -> None:
    if type(rows[0]) is not dict and len(infos) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple "
            "input tensors required as per tensorinfo_map"
        )
    named = _is_named(rows[0])
    shapes: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if _is_named(row) != named:
            expected = "object but got list" if named else "value/list but got object"
            raise invalid_argument(f"Expecting {expected} at item {number} of input list")
        if not named:
            _add_row(request, number, "", row, min(infos), infos, shapes)
            continue
        for name, value in row.items():
            _add_row(request, number, f" key: {name}", value, name, infos, shapes)
        if row.keys() != infos.keys():
            raise invalid_argument(
                f"Failed to process element: {number} of 'instances' list. JSON object: {debug_text(row)} "
                f"keys must be equal to: {','.join(sorted(infos))}"
            )
    for name, shape in shapes.items():
        tensor = request.inputs[name]
        tensor.dtype = infos[name].dtype
        set_shape(tensor, [len(rows), *shape])


def _is_named(row: Any) -> bool:
    return type(row) is dict and not is_base64(row)


def _add_row(
    request: predict_pb2.PredictRequest,
    number: int,
    place: str,
    value: Any,
    name: str,
    infos: Infos,
    shapes: dict[str, list[int]],
) -> None:
    try:
        if name not in infos:
            raise invalid_argument(f"JSON object: does not have named input: {name}")
        shape = shape_of(value)
        size = add_values(request.inputs[name], value, shape, infos[name].dtype)
        first = shapes.setdefault(name, shape)
        if shape != first:
            first_size = math.prod(first)
            if size != first_size:
                raise invalid_argument(f"Expecting tensor size: {first_size} but got: {size}")
            raise invalid_argument(f"Expecting shape {shown(first)} but got: {shown(shape)}")
    except StatusError as error:
        raise invalid_argument(
            f"Failed to process element: {number}{place} of 'instances' list. Error: {error}"
        ) from error


def _fill_columns(request: predict_pb2.PredictRequest, columns: Any, infos: Infos) -> None:
    if not _is_named(columns):
        if len(infos) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple "
                "input tensors required as per tensorinfo_map"
            )
        columns = {min(infos): columns}
    for name, info in sorted(infos.items()):
        if name not in columns:
            raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
        tensor, shape = request.inputs[name], shape_of(columns[name])
        tensor.dtype = info.dtype
        add_values(tensor, columns[name], shape, info.dtype)
        set_shape(tensor, shape)
