"""Writes LiteRT models operation by operation, with the constants where other readers can map them too.

The converter of TensorFlow would take ten seconds for a graph of a thousand small operations, and would round
the weights of every product or of none; here each constant keeps the type that it is given.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

Array = npt.NDArray[Any]

_VERSION = 3
_IDENTIFIER = b"TFL3"
_ALIGNMENT = 64
_UNKNOWN = 1 << 40  # stands for a place that is not known yet, and takes as much room
_KINDS = {
    np.dtype(np.int8): schema.TensorType.INT8,
    np.dtype(np.int32): schema.TensorType.INT32,
    np.dtype(np.float32): schema.TensorType.FLOAT32,
}


class Constant(NamedTuple):
    """A constant of the model, shared by all its graphs.

    Attributes:
        values: int8, int32 or float32.
        buffer: Number of the buffer that holds them.
        scales: For int8 rows [N, D] the scale of each, float32 [N].
        name: Of its tensor in every graph.
    """

    values: Array
    buffer: int
    scales: npt.NDArray[np.float32] | None
    name: str


class ModelBuilder:
    """A LiteRT model with one graph per signature."""

    def __init__(self) -> None:
        self._constants: list[Constant] = []
        self._graphs: list[GraphBuilder] = []
        self._codes: list[int] = []
        self._integers: dict[tuple[int, ...], Constant] = {}

    def constant(
        self, values: Array, scales: npt.NDArray[np.float32] | None = None, *, name: str = ""
    ) -> Constant:
        """Stores values once, see `Constant`."""
        buffer = len(self._constants) + 1
        constant = Constant(np.ascontiguousarray(values), buffer, scales, name or f"constant{buffer}")
        self._constants.append(constant)
        return constant

    def integers(self, values: tuple[int, ...]) -> Constant:
        """int32 [len(values)]; equal ones are one constant."""
        if values not in self._integers:
            self._integers[values] = self.constant(np.array(values, np.int32))
        return self._integers[values]

    def enter(self, graph: "GraphBuilder") -> None:
        """Takes a graph in."""
        self._graphs.append(graph)

    def code(self, operator: int) -> int:
        """The number that operations of a kind (`schema.BuiltinOperator`) have in this model."""
        if operator not in self._codes:
            self._codes.append(operator)
        return self._codes.index(operator)

    def write(self, path: Path) -> None:
        """Writes the model: the graphs, then the constants, aligned."""
        places = {constant.buffer: _UNKNOWN for constant in self._constants}
        end = len(self._packed(places))
        for constant in self._constants:
            places[constant.buffer] = end = -(-end // _ALIGNMENT) * _ALIGNMENT
            end += constant.values.nbytes
        with path.open("wb") as file:
            file.write(self._packed(places))
            for constant in self._constants:
                file.write(bytes(places[constant.buffer] - file.tell()))
                file.write(constant.values.data)

    def _packed(self, places: dict[int, int]) -> bytes:
        buffers = [schema.BufferT()]
        buffers += [schema.BufferT(None, places[c.buffer], c.values.nbytes) for c in self._constants]
        codes = [
            schema.OperatorCodeT(deprecatedBuiltinCode=min(code, 127), builtinCode=code, version=1)
            for code in self._codes
        ]
        model = schema.ModelT(
            version=_VERSION,
            operatorCodes=codes,
            subgraphs=[graph.made for graph in self._graphs],
            buffers=buffers,
            signatureDefs=[graph.signature(number) for number, graph in enumerate(self._graphs)],
        )
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=_IDENTIFIER)
        return bytes(builder.Output())


class GraphBuilder:
    """One graph, built from its inputs to its outputs; tensors are numbers.

    Args:
        model: Holds the constants.
        signature: The name it is called by.
    """

    def __init__(self, model: ModelBuilder, signature: str) -> None:
        self.made = schema.SubGraphT(name=signature, tensors=[], inputs=[], outputs=[], operators=[])
        self._model = model
        self._name = signature
        self._inputs: dict[str, int] = {}
        self._outputs: dict[str, int] = {}
        self._held: dict[int, int] = {}
        model.enter(self)

    def input(self, name: str, *shape: int) -> int:
        """A float32 input."""
        self._inputs[name] = self._tensor(name, shape, np.dtype(np.float32), 0)
        self.made.inputs.append(self._inputs[name])
        return self._inputs[name]

    def constant(self, constant: Constant) -> int:
        """A constant as a tensor of this graph."""
        if constant.buffer not in self._held:
            values = constant.values
            number = self._tensor(constant.name, values.shape, values.dtype, constant.buffer)
            if constant.scales is not None:
                self.made.tensors[number].quantization = schema.QuantizationParametersT(
                    scale=constant.scales,
                    zeroPoint=np.zeros(len(constant.scales), np.int64),
                    quantizedDimension=0,
                )
            self._held[constant.buffer] = number
        return self._held[constant.buffer]

    def add(self, operator: int, inputs: Sequence[int | Constant], shape: Sequence[int], options: Any) -> int:
        """Adds an operation of a kind (`schema.BuiltinOperator`) that has one float32 output of this shape.

        Args:
            options: `schema.…OptionsT` of the kind, or None where it has none.
        """
        return self.add_many(operator, inputs, [shape], options)[0]

    def add_many(
        self, operator: int, inputs: Sequence[int | Constant], shapes: Sequence[Sequence[int]], options: Any
    ) -> list[int]:
        """As `add`, with one output per shape."""
        outputs = [self._tensor("", shape, np.dtype(np.float32), 0) for shape in shapes]
        kind = "NONE" if options is None else type(options).__name__.removesuffix("T")
        self.made.operators.append(
            schema.OperatorT(
                opcodeIndex=self._model.code(operator),
                inputs=[self.constant(each) if isinstance(each, Constant) else each for each in inputs],
                outputs=outputs,
                builtinOptionsType=getattr(schema.BuiltinOptions, kind),
                builtinOptions=options,
            )
        )
        return outputs

    def integers(self, *values: int) -> Constant:
        """A constant of int32 [len(values)]; equal ones are one."""
        return self._model.integers(values)

    def shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(self.made.tensors[tensor].shape)

    def answer(self, **outputs: int) -> None:
        """Says what the graph answers, by name."""
        self._outputs = outputs
        self.made.outputs = list(outputs.values())

    def signature(self, index: int) -> Any:
        """The graph's entry in the model's list of signatures."""
        return schema.SignatureDefT(
            inputs=[schema.TensorMapT(name, tensor) for name, tensor in self._inputs.items()],
            outputs=[schema.TensorMapT(name, tensor) for name, tensor in self._outputs.items()],
            signatureKey=self._name,
            subgraphIndex=index,
        )

    def _tensor(self, name: str, shape: Sequence[int], dtype: np.dtype[Any], buffer: int) -> int:
        self.made.tensors.append(
            schema.TensorT(
                shape=list(shape),
                type=_KINDS[dtype],
                buffer=buffer,
                name=name or f"t{len(self.made.tensors)}",
            )
        )
        return len(self.made.tensors) - 1
