"""Several calls' inputs as one call's, and its outputs as theirs. Rows are dimension 0."""

from collections.abc import Mapping, Sequence

import numpy as np
from grpc import StatusCode

from components.records.array import Array
from components.records.servable import INVALID_ARGUMENT, ServableError

FAILED_PRECONDITION: int = StatusCode.FAILED_PRECONDITION.value[0]
_MAX_PADDED_RANK = 6


def rows_of(inputs: Mapping[str, Array]) -> int:
    """How many rows a call has. Raises `ServableError`: its inputs do not agree on that."""
    if not inputs:
        raise ServableError(INVALID_ARGUMENT, "Batching Run() must have at least one input tensor")
    rows = -1
    for _, array in sorted(inputs.items()):
        if array.ndim == 0:
            raise ServableError(
                INVALID_ARGUMENT, "Batching Run() input tensors must have at least one dimension"
            )
        if rows not in (-1, len(array)):
            raise ServableError(
                INVALID_ARGUMENT, "Batching Run() input tensors must have equal 0th-dimension size"
            )
        rows = len(array)
    return rows


def merged(
    calls: Sequence[Mapping[str, Array]], size: int, *, pad: bool, tensor_names: Mapping[str, str]
) -> dict[str, Array]:
    """The inputs of all calls, one after the other.

    Args:
        size: Rows of the result; what the calls lack is filled with the first row of the last one.
        pad: Fills all dimensions but the first up to the longest, with the first element of the call.
        tensor_names: Of the inputs in the graph, for the error text.

    Raises:
        ServableError: The shapes differ and are not to be padded, or cannot be.
    """
    result = {}
    for name in calls[0]:
        arrays = [call[name] for call in calls]
        shapes = {array.shape[1:] for array in arrays}
        if len(shapes) > 1:
            if not pad or len({array.ndim for array in arrays}) > 1:
                raise ServableError(
                    FAILED_PRECONDITION,
                    f"Tensors with name '{tensor_names[name]}' from different tasks have different shapes "
                    "and padding is turned off. Set pad_variable_length_inputs to true, or ensure that all "
                    "tensors with the same name have equal dimensions starting with the first dim.",
                )
            longest = np.max([array.shape for array in arrays], axis=0)
            arrays = [_padded(array, longest[1:].tolist()) for array in arrays]
        missing = size - sum(map(len, arrays))
        result[name] = np.concatenate([*arrays, *[arrays[-1][:1]] * missing])
    return result


def _padded(array: Array, shape: Sequence[int]) -> Array:
    if list(array.shape[1:]) == list(shape):
        return array
    if array.ndim > _MAX_PADDED_RANK:
        raise ServableError(INVALID_ARGUMENT, "Only tensors with rank from 1 to 6 can be padded.")
    if array.size == 0:
        raise ServableError(INVALID_ARGUMENT, "Got empty tensor in batch of non-empty tensors.")
    full = np.full((len(array), *shape), array.flat[0], dtype=array.dtype)
    full[tuple(slice(size) for size in array.shape)] = array
    return full


def check_outputs(outputs: Mapping[str, Array], size: int) -> None:
    """Raises `ServableError` where outputs cannot be given back to the calls, since they are not by row."""
    for array in outputs.values():
        if array.ndim == 0:
            raise ServableError(FAILED_PRECONDITION, "Batched output tensor has 0 dimensions")
        if len(array) != size:
            raise ServableError(
                FAILED_PRECONDITION,
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes "
                "of the input tensors",
            )
