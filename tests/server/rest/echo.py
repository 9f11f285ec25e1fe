"""A model that answers its inputs, for tests of what JSON becomes and comes from."""

from pathlib import Path

import numpy as np

from components.records.saved_model import described
from components.records.servable import Servable
from components.records.serving_protos import meta_graph_pb2, types_pb2
from components.server.calls import Calls
from components.server.errors import not_found
from components.server.rest.api import RestApi


class Echo(Servable):
    """Each signature answers its inputs, or what `answers` says instead.

    Args:
        signatures: Signature to input to type, as in `{"serving_default": {"x": "DT_FLOAT"}}`.
        answers: Output to array, of all signatures.
    """

    def __init__(self, signatures, answers=None):
        self._defs = {}
        for name, inputs in signatures.items():
            proto = self._defs[name] = meta_graph_pb2.SignatureDef(method_name="tensorflow/serving/predict")
            for alias, dtype in inputs.items():
                proto.inputs[alias].dtype = types_pb2.DataType.Value(dtype)
                proto.inputs[alias].name = f"{alias}:0"
                proto.inputs[alias].tensor_shape.unknown_rank = True
            for alias in answers or inputs:
                proto.outputs[alias].name = f"{alias}:1"
        super().__init__(Path(), {name: described(proto) for name, proto in self._defs.items()})
        self._answers = answers
        self.seen = {}

    @property
    def signature_defs(self):
        return self._defs

    def predict(self, signature, inputs, *, outputs=()):
        self.seen = dict(inputs)
        return self._answers or {name: np.asarray(value) for name, value in inputs.items()}


class Core:
    """Knows one model, `m`, version 1."""

    def __init__(self, servable):
        self._servable = servable

    def resolve(self, spec):
        if spec.name != "m":
            raise not_found(f"Servable not found for request: Latest({spec.name})")
        return 1, self._servable


def api_of(servable):
    return RestApi(Calls(Core(servable)))


def predict(servable, body, path="/v1/models/m:predict"):
    """Status code's name and body of a predict call."""
    answer = api_of(servable).answer("POST", path, body if isinstance(body, bytes) else body.encode())
    return answer.code.name, answer.body.decode(errors="surrogateescape")
