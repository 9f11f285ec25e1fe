"""NumPy arrays as `TensorProto` and back, without TensorFlow."""

import math
from typing import Any, NamedTuple

import numpy as np

from components.records.array import Array
from components.records.serving_protos import tensor_pb2, types_pb2

_MAX_BYTES = 2**31 - 1  # gRPC carries no larger message; a shape can claim any size


class _Kind(NamedTuple):
    """A type, and the field of its values, which are stored as if they had another or the same type."""

    enum: int
    dtype: np.dtype[Any]
    field: str
    stored: np.dtype[Any]


_STORED: dict[str, np.dtype[Any]] = {
    "half_val": np.dtype(np.uint16),
    "int_val": np.dtype(np.int32),
    "scomplex_val": np.dtype(np.float32),
    "dcomplex_val": np.dtype(np.float64),
}
_COMPLEX = ("scomplex_val", "dcomplex_val")


def _kind(enum: str, dtype: object, field: str) -> _Kind:
    found: np.dtype[Any] = np.dtype(dtype)  # type: ignore[call-overload]
    return _Kind(types_pb2.DataType.Value(enum), found, field, _STORED.get(field, found))


_STRING = _kind("DT_STRING", object, "string_val")
_KINDS = (
    _STRING,
    _kind("DT_HALF", np.float16, "half_val"),
    _kind("DT_FLOAT", np.float32, "float_val"),
    _kind("DT_DOUBLE", np.float64, "double_val"),
    _kind("DT_INT64", np.int64, "int64_val"),
    _kind("DT_INT32", np.int32, "int_val"),
    _kind("DT_INT16", np.int16, "int_val"),
    _kind("DT_INT8", np.int8, "int_val"),
    _kind("DT_UINT64", np.uint64, "uint64_val"),
    _kind("DT_UINT32", np.uint32, "uint32_val"),
    _kind("DT_UINT16", np.uint16, "int_val"),
    _kind("DT_UINT8", np.uint8, "int_val"),
    _kind("DT_BOOL", np.bool_, "bool_val"),
    _kind("DT_COMPLEX64", np.complex64, "scomplex_val"),
    _kind("DT_COMPLEX128", np.complex128, "dcomplex_val"),
)
_BY_ENUM = {kind.enum: kind for kind in _KINDS}
_BY_DTYPE = {kind.dtype: kind for kind in _KINDS}


def type_name(enum: int) -> str:
    """TensorFlow's short name of a DataType, as its error texts use it: `float`, `string`, `int64`."""
    name: str = types_pb2.DataType.Name(enum)
    return name.removeprefix("DT_").lower()


def enum_name(dtype: np.dtype[Any]) -> str:
    """The name of the DataType of arrays of `dtype`: `DT_FLOAT`, `DT_STRING`, `DT_INT64`.

    Raises:
        ValueError: TF Serving has no such type.
    """
    name: str = types_pb2.DataType.Name(_kind_of(dtype).enum)
    return name


def to_proto(array: Array, *, packed: bool = False) -> tensor_pb2.TensorProto:
    """`array` in the typed fields (`float_val`, ...), the form in which TF Serving answers.

    Args:
        array: Any shape; strings as an object array of bytes or str, or a NumPy string array.
        packed: Puts numbers into `tensor_content` as bytes instead.

    Raises:
        ValueError: TF Serving has no such type.
    """
    proto = tensor_pb2.TensorProto()
    fill(proto, array, packed=packed)
    return proto


def fill(proto: tensor_pb2.TensorProto, array: Array, *, packed: bool = False) -> None:
    """Writes `array` into an empty proto, as `to_proto`."""
    if array.dtype.kind in "SU":
        array = array.astype(object)
    kind = _kind_of(array.dtype)
    proto.dtype = kind.enum
    dims = proto.tensor_shape.dim
    for size in array.shape:
        dims.add().size = size
    if kind is _STRING:
        proto.string_val.extend([v.encode() if isinstance(v, str) else v for v in array.ravel().tolist()])
        return
    if packed:
        proto.tensor_content = array.tobytes()
        return
    flat = array.ravel()
    if kind.stored is not kind.dtype and kind.field != "int_val":
        flat = flat.view(kind.stored)
    getattr(proto, kind.field).extend(flat.tolist())


def from_proto(proto: tensor_pb2.TensorProto) -> Array:
    """The array in `proto`, read as TensorFlow does: the last value stands for all that are left out.

    Returns: The array; strings as an object array of bytes. It may be read-only.
    Raises: ValueError: The proto holds no valid tensor.
    """
    kind = _BY_ENUM.get(proto.dtype)
    shape = tuple([dim.size for dim in proto.tensor_shape.dim])  # a list is quicker than a generator
    if kind is None or proto.tensor_shape.unknown_rank or min(shape, default=0) < 0:
        raise ValueError(f"the tensor has no valid type and shape: dtype={proto.dtype}, shape={shape}")
    count = math.prod(shape)
    if count * kind.dtype.itemsize > _MAX_BYTES:
        raise ValueError(f"the tensor is larger than a message can be: shape={shape}")
    if proto.tensor_content:
        return _from_content(proto.tensor_content, kind, shape, count)
    values = getattr(proto, kind.field)[:]  # NumPy reads a list faster than protobuf's own
    if kind.stored is kind.dtype:
        flat: Array = np.array(values, dtype=kind.dtype)
    elif kind.field == "int_val":  # one field for all small integers; TensorFlow casts
        flat = np.array(values, dtype=kind.stored).astype(kind.dtype)
    else:
        if kind.field in _COMPLEX and len(values) % 2:
            raise ValueError(f"a complex tensor needs pairs of values. Received: {len(values)} values")
        flat = np.array(values, dtype=kind.stored).view(kind.dtype)
    return flat.reshape(shape) if len(flat) == count else _filled(flat, kind, shape, count)


def _kind_of(dtype: np.dtype[Any]) -> _Kind:
    kind = _BY_DTYPE.get(dtype)
    if kind is None:
        raise ValueError(f"`array` must have a type that TensorFlow knows. Received: dtype={dtype}")
    return kind


def _from_content(content: bytes, kind: _Kind, shape: tuple[int, ...], count: int) -> Array:
    if kind is _STRING or len(content) != count * kind.dtype.itemsize:
        raise ValueError(
            f"`tensor_content` does not fit the type and shape: {len(content)} bytes for {shape}"
        )
    return np.frombuffer(content, dtype=kind.dtype).reshape(shape)


def _filled(flat: Array, kind: _Kind, shape: tuple[int, ...], count: int) -> Array:
    if len(flat) > count:
        raise ValueError(f"the tensor has more values than its shape: {len(flat)} for {shape}")
    filler = flat[-1] if len(flat) else (b"" if kind is _STRING else kind.dtype.type(0))
    return np.concatenate([flat, np.full(count - len(flat), filler, dtype=kind.dtype)]).reshape(shape)
