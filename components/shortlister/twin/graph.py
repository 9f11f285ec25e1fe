"""The network's dense products as LiteRT graphs."""

from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from components.records.twin.row_table import RowTable
from components.records.twin.spec import HEADS, HIDE, READ, SCAN
from components.shortlister.network import Network
from components.shortlister.twin.flatbuffer import Constant, GraphBuilder, ModelBuilder

Floats = npt.NDArray[np.float32]

_OP = schema.BuiltinOperator


def add_reader(model: ModelBuilder, network: Network, *, steps: int) -> None:
    """The signature that reads some words and goes on where it was: the BiLSTM and the projection of its sum.

    Both directions run side by side. The words of the backward one come last first, so that padding follows
    the real words in both: what a step makes of padding reaches no real word, and `real` keeps it out of the
    sum. The utterance vector that comes with the last words is the one that counts.
    Shapes: W steps, D word vector, L LSTM size, G n-gram vector, H utterance vector.

    Inputs: words [2, W, D], real [1, W, 1], bag [1, G], memory [2, 3, L], zeros at first.
    Outputs: utterance [1, H], memory.
    """
    cells = [network.encoder.forward.cell, network.encoder.backward.cell]
    kernel, recurrent, bias = (
        model.constant(np.stack([_gates(getattr(cell, name)) for cell in cells]))
        for name in ("kernel", "recurrent_kernel", "bias")
    )  # [2, D, 4L], [2, L, 4L], [2, 1, 4L]
    size = network.encoder.size
    graph = Operations(model, READ)
    words = graph.input("words", 2, steps, kernel.values.shape[1])
    real = graph.input("real", 1, steps, 1)
    bag = graph.input("bag", 1, network.bag.size)
    memory = graph.input("memory", 2, 3, size)
    state, cell, total = (graph.slice(memory, (0, at, 0), (2, 1, size)) for at in range(3))
    gates = graph.plus(graph.matmul(words, kernel), bias)  # [2, W, 4L]
    states: list[int] = []
    for step in range(steps):
        now = graph.slice(gates, (0, step, 0), (2, 1, 4 * size))  # [2, 1, 4L]
        now = graph.plus(now, graph.matmul(state, recurrent))
        opened = graph.sigmoid(graph.slice(now, (0, 0, 0), (2, 1, 3 * size)))
        take, keep, show = graph.split(opened, 3)  # [2, 1, L] each
        candidate = graph.tanh(graph.slice(now, (0, 0, 3 * size), (2, 1, size)))
        cell = graph.plus(graph.times(keep, cell), graph.times(take, candidate))
        state = graph.times(show, graph.tanh(cell))
        states.append(state)
    added = graph.total(graph.times(graph.concatenate(states, axis=1), real), axis=1)  # [2, 1, L]
    total = graph.plus(total, added)
    text = graph.concatenate([graph.reshape(total, (1, 2 * size)), bag], axis=1)  # [1, 2L + G]
    utterance = graph.affine(text, *_affine(model, network.projection))
    graph.answer(utterance=utterance, memory=graph.concatenate([state, cell, total], axis=1))


def add_hidden(model: ModelBuilder, layer: Any) -> None:
    """The signature of a hidden layer, before its activation: [1, R'] → [1, R]."""
    weights, bias = _affine(model, layer)
    graph = Operations(model, HIDE)
    graph.answer(hidden=graph.affine(graph.input("request", 1, weights.values.shape[1]), weights, bias))


def add_scan(model: ModelBuilder, heads: RowTable, bias: Floats) -> None:
    """The signature of the heads: request vector [1, R] → [1, N] for N rows.

    Readers find the rows by name in the model's first graph, so it has to be added first.
    """
    rows = model.constant(heads.rows, heads.scales, name=HEADS)
    graph = Operations(model, SCAN)
    request = graph.input("request", 1, heads.rows.shape[1])
    graph.answer(scores=graph.affine(request, rows, model.constant(bias)))


def _gates(weight: Any) -> Floats:
    """Gates in Keras's order (input, forget, candidate, output) with the candidate last: [rows, 4L]."""
    take, keep, candidate, show = np.split(np.atleast_2d(np.asarray(weight, np.float32)), 4, axis=-1)
    return np.concatenate([take, keep, show, candidate], axis=-1)


def _affine(model: ModelBuilder, layer: Any) -> tuple[Constant, Constant]:
    """The weights [outputs, inputs] and the bias [outputs] of a dense layer."""
    kernel, bias = (np.asarray(weight, np.float32) for weight in (layer.kernel, layer.bias))
    return model.constant(kernel.T), model.constant(bias)


class Operations(GraphBuilder):
    """The few operations that the graphs are made of; shapes as in NumPy."""

    def affine(self, vector: int, weights: Constant, bias: Constant) -> int:
        """vector [B, D] · weights [N, D]ᵀ + bias [N]."""
        shape = (self.shape(vector)[0], weights.values.shape[0])
        return self.add(_OP.FULLY_CONNECTED, [vector, weights, bias], shape, schema.FullyConnectedOptionsT())

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

    def concatenate(self, parts: list[int], axis: int) -> int:
        shape = list(self.shape(parts[0]))
        shape[axis] = sum(self.shape(part)[axis] for part in parts)
        return self.add(_OP.CONCATENATION, parts, shape, schema.ConcatenationOptionsT(axis))

    def total(self, values: int, axis: int) -> int:
        """The sum along an axis, which is kept."""
        shape = [1 if at == axis else size for at, size in enumerate(self.shape(values))]
        return self.add(_OP.SUM, [values, self.integers(axis)], shape, schema.ReducerOptionsT(keepDims=True))

    def reshape(self, values: int, shape: tuple[int, ...]) -> int:
        return self.add(
            _OP.RESHAPE, [values, self.integers(*shape)], shape, schema.ReshapeOptionsT(list(shape))
        )
