"""The SavedModel of a version folder as callables. TensorFlow is imported when one is loaded."""

import itertools
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from components.records.manifest import Manifest
from components.records.serving_protos import meta_graph_pb2, predict_pb2, prediction_log_pb2
from components.records.tensors import Array, from_proto, type_name
from components.records.tfrecord import read_records
from components.records.version_folder import SAVED_MODEL, WARMUP, read_manifest

DEFAULT_SIGNATURE = "serving_default"

_MAX_WARMUP_RECORDS = 1000
_MAX_FUNCTIONS = 64  # a client chooses the outputs it wants: more combinations than this are made anew

_INVALID_ARGUMENT, _NOT_FOUND, _UNIMPLEMENTED, _INTERNAL = 3, 5, 12, 13


class ServableError(ValueError):
    """A model that could not be loaded or run.

    Attributes:
        code: The status code, numbered as in gRPC and TensorFlow alike.
        message: What went wrong, as TensorFlow says it.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Tensor(NamedTuple):
    """What a signature says of an input or output. An unknown dimension is None, an unknown rank too."""

    dtype: str
    shape: tuple[int | None, ...] | None


class Signature(NamedTuple):
    """Inputs and outputs by name."""

    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]


class Servable:
    """A loaded SavedModel, safe to call from many threads; it is freed when nobody refers to it.

    It runs the graph as TF Serving does, in a session whose feeds meet no static shape check, so that what
    one accepts or refuses the other does too. (`make_callable` of the public API would check, and a function
    of `tf.saved_model.load` takes eight times as long per call; hence `_make_callable_from_options`.)
    It runs on the CPU wherever it is, so that batch, push and serving get the same figures.
    """

    def __init__(self, folder: Path, session: Any, meta_graph: meta_graph_pb2.MetaGraphDef) -> None:
        self.folder = folder
        self.signature_defs = dict(meta_graph.signature_def)
        self.signatures = {name: _described(proto) for name, proto in self.signature_defs.items()}
        self._session = session
        self._functions: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, self._functions.clear)  # at exit they must go before TensorFlow does

    @classmethod
    def load(cls, version_dir: Path, *, warm_up: bool = True) -> Self:
        """Loads `version_dir` and runs its warm-up requests, if it has any.

        Raises:
            ServableError: It is not a SavedModel, is damaged, or a warm-up request fails.
        """
        if not (version_dir / SAVED_MODEL).is_file():
            raise ServableError(
                _NOT_FOUND, f"Could not find SavedModel .pb at supplied export directory path: {version_dir}"
            )
        import tensorflow as tf
        from tensorflow.python.saved_model import loader_impl

        config = tf.compat.v1.ConfigProto(device_count={"GPU": 0}, allow_soft_placement=True)
        graph = tf.Graph()
        session = tf.compat.v1.Session(graph=graph, config=config)
        try:
            with graph.as_default():
                meta_graph = loader_impl.SavedModelLoader(str(version_dir)).load(session, ["serve"])
            servable = cls(version_dir, session, meta_graph)
            if warm_up:
                servable._warm_up()
        except tf.errors.OpError as error:
            raise ServableError(error.error_code, error.message) from error
        except ServableError:
            raise
        except Exception as error:  # whatever a damaged graph makes TensorFlow raise
            raise ServableError(_INTERNAL, f"{type(error).__name__}: {error}") from error
        return servable

    @property
    def manifest(self) -> Manifest:
        """The `arbiter.json` beside the model. Raises as `read_manifest` does."""
        return read_manifest(self.folder)

    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        """Runs a signature.

        Args:
            signature: Its name; `DEFAULT_SIGNATURE` is the usual one.
            inputs: One array per input; strings as object arrays of bytes.
            outputs: The outputs to compute; none named means all.

        Returns: The outputs by name; strings as object arrays of bytes.
        Raises:
            ValueError: No such signature, input or output.
            ServableError: The model refuses the inputs.
        """
        proto = self.signature_defs.get(signature)
        if proto is None:
            raise ValueError(
                f"`signature` must be one of {sorted(self.signature_defs)}. Received: {signature!r}"
            )
        if set(inputs) != set(proto.inputs):
            raise ValueError(f"`inputs` must be {sorted(proto.inputs)}. Received: {sorted(inputs)}")
        if not set(outputs) <= set(proto.outputs):
            raise ValueError(f"`outputs` must be among {sorted(proto.outputs)}. Received: {sorted(outputs)}")
        wanted = tuple(sorted(outputs or proto.outputs))
        import tensorflow as tf

        try:
            values = self._function(signature, wanted)(*(inputs[name] for name in sorted(proto.inputs)))
        except tf.errors.OpError as error:
            raise ServableError(error.error_code, error.message) from error
        except (TypeError, ValueError) as error:  # an array that is no tensor at all
            raise ServableError(_INVALID_ARGUMENT, str(error)) from error
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

        proto = self.signature_defs[signature]
        options = config_pb2.CallableOptions()
        options.feed.extend(proto.inputs[name].name for name in sorted(proto.inputs))
        options.fetch.extend(proto.outputs[name].name for name in outputs)
        return self._session._make_callable_from_options(options)

    def _warm_up(self) -> None:
        for request in itertools.islice(_warmup_requests(self.folder / WARMUP), _MAX_WARMUP_RECORDS):
            inputs = {name: from_proto(tensor) for name, tensor in request.inputs.items()}
            signature = request.model_spec.signature_name or DEFAULT_SIGNATURE
            self.predict(signature, inputs, outputs=list(request.output_filter))


def _array(value: Any) -> Array:
    """A session answers a scalar string as bytes."""
    return np.array(value, dtype=object) if isinstance(value, bytes) else np.asarray(value)


def _warmup_requests(path: Path) -> Iterator[predict_pb2.PredictRequest]:
    if not path.is_file():
        return
    for record in read_records(path):
        log = prediction_log_pb2.PredictionLog.FromString(record)
        kind = log.WhichOneof("log_type")
        if kind != "predict_log":
            raise ServableError(_UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind}")
        yield log.predict_log.request


def _described(proto: meta_graph_pb2.SignatureDef) -> Signature:
    return Signature(
        {name: _tensor(info) for name, info in proto.inputs.items()},
        {name: _tensor(info) for name, info in proto.outputs.items()},
    )


def _tensor(info: meta_graph_pb2.TensorInfo) -> Tensor:
    if info.tensor_shape.unknown_rank:
        return Tensor(type_name(info.dtype), None)
    sizes = (dim.size for dim in info.tensor_shape.dim)
    return Tensor(type_name(info.dtype), tuple(None if size < 0 else size for size in sizes))
