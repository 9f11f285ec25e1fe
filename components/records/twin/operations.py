"""The few operations that LiteRT graphs are made of here."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from components.records.twin.flatbuffer import Constant, GraphBuilder, ModelBuilder

_OP = schema.BuiltinOperator


def affine_constants(model: ModelBuilder, layer: Any) -> tuple[Constant, Constant]:
    """The weights [outputs, inputs] and the bias [outputs] of a dense layer."""
    kernel, bias = (np.asarray(weight, np.float32) for weight in (layer.kernel, layer.bias))
    return model.constant(kernel.T), model.constant(bias)


class Operations(GraphBuilder):
    """A graph with its operations as methods; shapes as in NumPy."""

    def affine(self, vector: int, weights: Constant, bias: Constant, *, rectified: bool = False) -> int:
        """vector [B, D] · weights [N, D]ᵀ + bias [N], of `rectified` the part above 0."""
        shape = (self.shape(vector)[0], weights.values.shape[0])
        kind = schema.ActivationFunctionType
        options = schema.FullyConnectedOptionsT(fusedActivationFunction=kind.RELU if rectified else kind.NONE)
        return self.add(_OP.FULLY_CONNECTED, [vector, weights, bias], shape, options)

    def matmul(self, left: int, right: Constant) -> int:
        """left [2, B, D] · right [2, D, N]."""
        shape = (*self.shape(left)[:2], right.values.shape[2])
        return self.add(_OP.BATCH_MATMUL, [left, right], shape, schema.BatchMatMulOptionsT())

    def plus(self, left: int, right: int | Constant) -> int:
        return self.add(_OP.ADD, [left, right], self.shape(left), schema.AddOptionsT())

    def times(self, left: int, right: int) -> int:
        return self.add(_OP.MUL, [left, right], self.shape(left), schema.MulOptionsT())

    def sigmoid(self, values: int) -> int:
        return self.add(_OP.LOGISTIC, [values], self.shape(values), None)

    def tanh(self, values: int) -> int:
        return self.add(_OP.TANH, [values], self.shape(values), None)

    def slice(self, values: int, begin: tuple[int, ...], size: tuple[int, ...]) -> int:
        where = [self.integers(*begin), self.integers(*size)]
        return self.add(_OP.SLICE, [values, *where], size, schema.SliceOptionsT())

    def split(self, values: int, parts: int) -> list[int]:
        """Equal parts along the last axis."""
        shape = self.shape(values)
        part = (*shape[:-1], shape[-1] // parts)
        axis = self.integers(len(shape) - 1)
        return self.add_many(_OP.SPLIT, [axis, values], [part] * parts, schema.SplitOptionsT(parts))

    def concatenate(self, parts: Sequence[int | Constant], axis: int) -> int:
        tensors = [self.constant(part) if isinstance(part, Constant) else part for part in parts]
        shape = list(self.shape(tensors[0]))
        shape[axis] = sum(self.shape(part)[axis] for part in tensors)
        return self.add(_OP.CONCATENATION, tensors, shape, schema.ConcatenationOptionsT(axis))

    def total(self, values: int, axis: int) -> int:
        """The sum along an axis, which is kept."""
        return self._reduced(_OP.SUM, values, axis)

    def largest(self, values: int, axis: int) -> int:
        """The largest along an axis, which is kept."""
        return self._reduced(_OP.REDUCE_MAX, values, axis)

    def _reduced(self, operator: int, values: int, axis: int) -> int:
        shape = [1 if at == axis else size for at, size in enumerate(self.shape(values))]
        return self.add(operator, [values, self.integers(axis)], shape, schema.ReducerOptionsT(keepDims=True))

    def reshape(self, values: int, shape: tuple[int, ...]) -> int:
        return self.add(
            _OP.RESHAPE, [values, self.integers(*shape)], shape, schema.ReshapeOptionsT(list(shape))
        )
