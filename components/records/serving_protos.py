"""TF Serving's protocol buffers, imported without TensorFlow: 0.2 s and 40 MB instead of 9 s and 700 MB.

The generated modules of `tensorflow_serving` import others below `tensorflow.core`, and importing any
module below `tensorflow` runs TensorFlow's own `__init__`. While they are imported here an empty package
that only knows where TensorFlow's files lie stands in for it; afterwards it is taken away again, so that
a later `import tensorflow` gets the real one. The descriptors live in the one pool of protobuf, so both
sides share their message classes: it does not matter which is imported first.
"""

import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager

_NAME = "tensorflow"


@contextmanager
def _stand_in() -> Iterator[None]:
    spec = None if _NAME in sys.modules else importlib.util.find_spec(_NAME)
    if spec is None:  # TensorFlow is imported, or missing: nothing to stand in for
        yield
        return
    package = types.ModuleType(_NAME)
    package.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[_NAME] = package
    try:
        yield
    finally:
        for name in [n for n in sys.modules if n == _NAME or n.startswith(f"{_NAME}.")]:
            del sys.modules[name]


with _stand_in():
    from tensorflow.core.example import example_pb2
    from tensorflow.core.framework import node_def_pb2, tensor_pb2, types_pb2
    from tensorflow.core.protobuf import error_codes_pb2, meta_graph_pb2
    from tensorflow_serving.apis import (
        classification_pb2,
        get_model_metadata_pb2,
        get_model_status_pb2,
        inference_pb2,
        input_pb2,
        model_management_pb2,
        model_pb2,
        model_service_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_log_pb2,
        prediction_service_pb2,
        prediction_service_pb2_grpc,
        regression_pb2,
    )
    from tensorflow_serving.config import model_server_config_pb2

__all__ = [
    "classification_pb2",
    "error_codes_pb2",
    "example_pb2",
    "get_model_metadata_pb2",
    "get_model_status_pb2",
    "inference_pb2",
    "input_pb2",
    "meta_graph_pb2",
    "model_management_pb2",
    "model_pb2",
    "model_server_config_pb2",
    "model_service_pb2",
    "model_service_pb2_grpc",
    "node_def_pb2",
    "predict_pb2",
    "prediction_log_pb2",
    "prediction_service_pb2",
    "prediction_service_pb2_grpc",
    "regression_pb2",
    "tensor_pb2",
    "types_pb2",
]
