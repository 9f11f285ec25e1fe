"""The network's dense products as LiteRT graphs."""

from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.twin.flatbuffer import ModelBuilder
from components.records.twin.operations import Operations, affine_constants
from components.records.twin.row_table import RowTable
from components.records.twin.spec import HEADS, HIDE, READ, SCAN
from components.shortlister.network import Network

Floats = npt.NDArray[np.float32]


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
    utterance = graph.affine(text, *affine_constants(model, network.projection))
    graph.answer(utterance=utterance, memory=graph.concatenate([state, cell, total], axis=1))


def add_hidden(model: ModelBuilder, layer: Any) -> None:
    """The signature of a hidden layer, before its activation: [1, R'] → [1, R]."""
    weights, bias = affine_constants(model, layer)
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
