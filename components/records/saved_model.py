"""The SavedModel of a version folder as callables. TensorFlow is imported when one is loaded."""

import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self

import numpy as np
from google.protobuf.message import DecodeError

from components.records.array import Array
from components.records.graph_ops import forbidden_ops
from components.records.servable import (
    DATA_LOSS,
    INTERNAL,
    INVALID_ARGUMENT,
    NOT_FOUND,
    ORDINARY,
    PERMISSION_DENIED,
    Servable,
    ServableError,
    SessionOptions,
    Signature,
    Tensor,
)
from components.records.serving_protos import meta_graph_pb2
from components.records.silence import silence
from components.records.tensors import type_name
from components.records.version_folder import SAVED_MODEL

_MAX_FUNCTIONS = 64  # a client chooses the outputs it wants: more combinations than this are made anew


class SavedModel(Servable):
    """A loaded SavedModel, safe to call from many threads; it is freed when nobody refers to it.

    It runs the graph as TF Serving does, in a session whose feeds meet no static shape check, so that what
    one accepts or refuses the other does too. (`make_callable` of the public API would check, and a function
    of `tf.saved_model.load` takes eight times as long per call; hence `_make_callable_from_options`.)
    It runs on the CPU wherever it is, so that batch, push and serving get the same figures.
    """

    def __init__(self, folder: Path, session: Any, meta_graph: meta_graph_pb2.MetaGraphDef) -> None:
        self._signature_defs = dict(meta_graph.signature_def)
        super().__init__(folder, {name: described(proto) for name, proto in self._signature_defs.items()})
        self._session = session
        self._functions: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, self._functions.clear)  # at exit they must go before TensorFlow does

    @classmethod
    def open(cls, version_dir: Path, options: SessionOptions = ORDINARY) -> Self:
        """Loads `version_dir`.

        Raises:
            ServableError: It is not a SavedModel, is damaged, or would run what it may not.
        """
        if not (version_dir / SAVED_MODEL).is_file():
            raise ServableError(
                NOT_FOUND, f"Could not find SavedModel .pb at supplied export directory path: {version_dir}"
            )
        with silence() if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "3" else nullcontext():
            import tensorflow as tf  # talks before its log level counts
        from tensorflow.python.saved_model import loader_impl

        _check_graph(version_dir, options)
        config = tf.compat.v1.ConfigProto(
            device_count={"GPU": 0},
            allow_soft_placement=True,
            intra_op_parallelism_threads=options.intra_op_threads,
            inter_op_parallelism_threads=options.inter_op_threads,
        )
        graph = tf.Graph()
        session = tf.compat.v1.Session(graph=graph, config=config)
        try:
            with graph.as_default():
                meta_graph = loader_impl.SavedModelLoader(str(version_dir)).load(session, list(options.tags))
            return cls(version_dir, session, meta_graph)
        except tf.errors.OpError as error:
            raise ServableError(error.error_code, error.message) from error
        except Exception as error:  # whatever a damaged graph makes TensorFlow raise
            raise ServableError(INTERNAL, f"{type(error).__name__}: {error}") from error

    @property
    def signature_defs(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        return self._signature_defs

    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        wanted = tuple(sorted(self.checked(signature, inputs, outputs)))
        proto = self._signature_defs[signature]
        import tensorflow as tf

        try:
            values = self._function(signature, wanted)(*(inputs[name] for name in sorted(proto.inputs)))
        except tf.errors.OpError as error:
            raise ServableError(error.error_code, error.message) from error
        except (TypeError, ValueError) as error:  # an array that is no tensor at all
            raise ServableError(INVALID_ARGUMENT, str(error)) from error
        return {name: _array(value) for name, value in zip(wanted, values, strict=True)}

    def _function(self, signature: str, outputs: tuple[str, ...]) -> Any:
        key = (signature, outputs)
        function = self._functions.get(key)
        if function is None:
            with self._lock:
                if len(self._functions) >= _MAX_FUNCTIONS:
                    self._functions.clear()
                function = self._functions[key] = self._compile(signature, outputs)
        return function

    def _compile(self, signature: str, outputs: tuple[str, ...]) -> Any:
        from tensorflow.core.protobuf import config_pb2

        proto = self._signature_defs[signature]
        options = config_pb2.CallableOptions()
        options.feed.extend(proto.inputs[name].name for name in sorted(proto.inputs))
        options.fetch.extend(proto.outputs[name].name for name in outputs)
        return self._session._make_callable_from_options(options)


def _check_graph(version_dir: Path, options: SessionOptions) -> None:
    """Raises a `ServableError` for a graph that cannot be read or would run what it may not."""
    from tensorflow.core.protobuf import saved_model_pb2

    path = version_dir / SAVED_MODEL
    try:
        saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    except DecodeError as error:
        raise ServableError(DATA_LOSS, f"Can't parse {path} as binary proto") from error
    tags = set(options.tags)
    for meta_graph in saved.meta_graphs:
        if set(meta_graph.meta_info_def.tags) == tags:
            forbidden = forbidden_ops(meta_graph, also=options.more_ops)
            if forbidden:
                raise ServableError(
                    PERMISSION_DENIED,
                    f"the model runs operations that are not allowed: {', '.join(forbidden)}",
                )
            return
    raise ServableError(
        NOT_FOUND,
        f"Could not find meta graph def matching supplied tags: {{ {' '.join(options.tags)} }}. "
        "To inspect available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`",
    )


def _array(value: Any) -> Array:
    """A session answers a scalar string as bytes."""
    return np.array(value, dtype=object) if isinstance(value, bytes) else np.asarray(value)


def described(proto: meta_graph_pb2.SignatureDef) -> Signature:
    """The inputs and outputs that a SavedModel's signature names, by name: protobuf's maps have no order."""
    return Signature(
        {name: _tensor(proto.inputs[name]) for name in sorted(proto.inputs)},
        {name: _tensor(proto.outputs[name]) for name in sorted(proto.outputs)},
    )


def _tensor(info: meta_graph_pb2.TensorInfo) -> Tensor:
    if info.tensor_shape.unknown_rank:
        return Tensor(type_name(info.dtype), None)
    sizes = (dim.size for dim in info.tensor_shape.dim)
    return Tensor(type_name(info.dtype), tuple(None if size < 0 else size for size in sizes))
