"""A nested JSON list as the values of a tensor, checked against the type that the tensor has."""

import itertools
from collections.abc import Iterable
from typing import Any

from components.records.serving_protos import tensor_pb2, types_pb2
from components.records.tensors import type_name
from components.server.errors import StatusError, invalid_argument, unimplemented
from components.server.rest.json_values import format_error, is_base64, json_type, read_base64
from components.server.rest.json_writer import debug_text


def shape_of(value: Any) -> list[int]:
    """The size of a list, of its first element, of that one's first and so on; none of what is no list."""
    shape = []
    while type(value) is list:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return shape


def shown(shape: Iterable[int]) -> str:
    """A shape as error texts write it."""
    return f"[{','.join(map(str, shape))}]"


def set_shape(tensor: tensor_pb2.TensorProto, shape: Iterable[int]) -> None:
    """Replaces the shape of `tensor`."""
    tensor.tensor_shape.Clear()
    for size in shape:
        tensor.tensor_shape.dim.add().size = size


def add_values(tensor: tensor_pb2.TensorProto, value: Any, shape: list[int], dtype: int) -> int:
    """Appends the elements of a nested list to `tensor`.

    Args:
        shape: What `shape_of` says of `value`.
        dtype: Of the tensor.

    Returns: How many elements they are.
    Raises:
        StatusError: Not all lists are as long as the first, or an element is not of the tensor's type.
    """
    leaves = [value]
    for size in shape:
        if any(type(leaf) is not list or len(leaf) != size for leaf in leaves):
            raise _first_misfit(value, shape, dtype)
        leaves = list(itertools.chain.from_iterable(leaves))
    if not leaves:
        return 0
    kind = _KINDS.get(dtype)
    if kind is None or not kind.takes(leaves):
        raise _first_misfit(value, shape, dtype)
    if dtype == _STRING:
        leaves = [_to_bytes(leaf) for leaf in leaves]
    getattr(tensor, kind.field).extend(leaves)
    return len(leaves)


def _first_misfit(value: Any, shape: list[int], dtype: int) -> StatusError:
    """What is wrong with the first element, read from left to right, that is no part of such a tensor."""
    waiting = [(value, 0)]  # the next one last
    while waiting:
        value, level = waiting.pop()
        if type(value) is not list:
            if level != len(shape):
                return format_error(
                    value,
                    f"found at incorrect level: {level + 1} in the JSON DOM. Expected at level: {len(shape)}",
                )
            try:
                _check_element(value, dtype)
            except StatusError as error:
                return error
        elif level >= len(shape):
            return invalid_argument(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
        elif len(value) != shape[level]:
            return invalid_argument(
                f"Encountered list at unexpected size: {len(value)} at level: {level} "
                f"expected size: {shape[level]}"
            )
        else:
            waiting += [(item, level + 1) for item in reversed(value)]
    raise AssertionError("the value fits")


def _check_element(value: Any, dtype: int) -> None:
    kind = _KINDS.get(dtype)
    if type(value) is dict and dtype == _STRING:
        _to_bytes(value)
    elif type(value) is dict or (kind is not None and not kind.takes([value])):
        raise invalid_argument(
            f"JSON Value: {debug_text(value)} Type: {json_type(value)} "
            f"is not of expected type: {type_name(dtype)}"
        )
    elif kind is None:
        raise unimplemented(f"Conversion of JSON Value: {debug_text(value)} to type: {type_name(dtype)}")


def _to_bytes(value: Any) -> bytes:
    if type(value) is str:
        return value.encode(errors="surrogateescape")
    if not is_base64(value):
        raise format_error(value, "not formatted correctly for base64 data")
    return read_base64(value)


class _Kind:
    """Where the elements of a type go, and which JSON values they may be.

    Args:
        field: Of `TensorProto`.
        types: The Python types of the JSON values.
        lowest, highest: Of a whole number.
    """

    def __init__(self, field: str, types: set[type], lowest: int = 0, highest: int = 0) -> None:
        self.field = field
        self._types = types
        self._lowest, self._highest = lowest, highest

    def takes(self, values: list[Any]) -> bool:
        if not set(map(type, values)) <= self._types:
            return False
        bounded = self._highest > 0 and len(values) > 0
        return not bounded or (self._lowest <= min(values) and max(values) <= self._highest)


_STRING: int = types_pb2.DataType.Value("DT_STRING")
_INT32 = ("int_val", {int}, -(2**31), 2**31 - 1)
_KINDS: dict[int, _Kind] = {
    types_pb2.DataType.Value(name): _Kind(*rule)  # type: ignore[arg-type]
    for name, rule in {
        "DT_FLOAT": ("float_val", {int, float}),
        "DT_DOUBLE": ("double_val", {int, float}),
        "DT_INT32": _INT32,
        "DT_INT16": _INT32,
        "DT_INT8": _INT32,
        "DT_UINT8": _INT32,
        "DT_STRING": ("string_val", {str, dict}),
        "DT_INT64": ("int64_val", {int}, -(2**63), 2**63 - 1),
        "DT_BOOL": ("bool_val", {bool}),
        "DT_UINT32": ("uint32_val", {int}, 0, 2**32 - 1),
        "DT_UINT64": ("uint64_val", {int}, 0, 2**64 - 1),
    }.items()
}
