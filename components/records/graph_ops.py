"""Which operations a SavedModel's graph may run: those that compute, none that reach out of the process.

A SavedModel is a program: it could read any file, write one, end the process or run Python. A server that
loads what others made lets it compute only. Looked at is what a call or the load itself would run; the part
of the graph that saves is never run, and not looked at.
"""

import importlib
from collections.abc import Iterable, Iterator
from functools import cache

from components.records.serving_protos import meta_graph_pb2, node_def_pb2

_KINDS = (
    "array_ops",
    "batch_ops",
    "bitwise_ops",
    "boosted_trees_ops",
    "composite_tensor_ops",
    "control_flow_ops",
    "count_ops",
    "ctc_ops",
    "data_flow_ops",
    "functional_ops",
    "image_ops",
    "linalg_ops",
    "list_ops",
    "lookup_ops",
    "manip_ops",
    "map_ops",
    "math_ops",
    "nn_ops",
    "optional_ops",
    "parsing_ops",
    "ragged_array_ops",
    "ragged_conversion_ops",
    "ragged_math_ops",
    "random_ops",
    "random_index_shuffle_ops",
    "resource_variable_ops",
    "rnn_ops",
    "set_ops",
    "sparse_ops",
    "special_math_ops",
    "spectral_ops",
    "state_ops",
    "stateful_random_ops",
    "stateless_random_ops",
    "stateless_random_ops_v2",
    "string_ops",
    "uniform_quant_ops",
)
"""TensorFlow's modules of operations, without their `gen_`."""
_BESIDE = frozenset({"Any", "Assert"})
_NEVER = frozenset({"Abort", "ImmutableConst", "RecordInput", "RemoteCall"})
_TO_RESTORE = frozenset({"RestoreV2", "ShardedFilename", "MergeV2Checkpoints"})

_INIT = "__saved_model_init_op"
_INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")


def forbidden_ops(meta_graph: meta_graph_pb2.MetaGraphDef, *, also: Iterable[str] = ()) -> list[str]:
    """The operations that a call or the load would run and that are not allowed, by name.

    Args:
        also: Further operations that are allowed; `*` allows all.
    """
    allowed = frozenset(also)
    if "*" in allowed:
        return []
    graph = _Graph(meta_graph)
    found = graph.operations(_called(meta_graph)) - allowed
    found |= graph.operations([meta_graph.saver_def.restore_op_name]) - allowed - _TO_RESTORE
    return sorted(op for op in found if not _computes(op))


def _called(meta_graph: meta_graph_pb2.MetaGraphDef) -> Iterator[str]:
    """The tensors and operations that calls and the initialisation end in."""
    for signature in meta_graph.signature_def.values():
        for info in signature.outputs.values():
            yield info.name
            yield info.coo_sparse.values_tensor_name
            yield info.coo_sparse.indices_tensor_name
            yield info.coo_sparse.dense_shape_tensor_name
            for component in info.composite_tensor.components:
                yield component.name
    for name in _INIT_COLLECTIONS:
        if name in meta_graph.collection_def:
            yield from meta_graph.collection_def[name].node_list.value


class _Graph:
    """The nodes and functions of a graph by name."""

    def __init__(self, meta_graph: meta_graph_pb2.MetaGraphDef) -> None:
        self._nodes = {node.name: node for node in meta_graph.graph_def.node}
        self._functions = {each.signature.name: each for each in meta_graph.graph_def.library.function}

    def operations(self, names: Iterable[str]) -> set[str]:
        """What is run to get these tensors and operations; functions are taken as a whole."""
        found: set[str] = set()
        nodes, functions = {_node(name) for name in names}, set()
        ahead = list(nodes)
        while ahead:
            node = self._nodes.get(ahead.pop())
            if node is None:
                continue
            new = {_node(name) for name in node.input} - nodes
            nodes |= new
            ahead.extend(new)
            functions |= self._record(node, found)
        seen: set[str] = set()
        while functions - seen:
            function = (functions - seen).pop()
            seen.add(function)
            for node in self._functions[function].node_def:
                functions |= self._record(node, found)
        return found

    def _record(self, node: node_def_pb2.NodeDef, found: set[str]) -> set[str]:
        """Adds the node's operation to `found`; the functions that it calls."""
        named = [value.func.name for value in node.attr.values() if value.HasField("func")]
        named += [each.name for value in node.attr.values() for each in value.list.func]
        if node.op in self._functions:
            named.append(node.op)
        else:
            found.add(node.op)
        return {name for name in named if name in self._functions}


def _node(tensor: str) -> str:
    """The node that a tensor or a control input belongs to."""
    return tensor.removeprefix("^").partition(":")[0]


@cache
def _computes(op: str) -> bool:
    if op in _NEVER:
        return False
    modules = (importlib.import_module(f"tensorflow.python.ops.gen_{kind}") for kind in _KINDS)
    return op in _BESIDE or (op[:1].isupper() and any(hasattr(module, op) for module in modules))
