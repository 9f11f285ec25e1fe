"""The REST API as one function from an HTTP request to its answer, thin over `Calls`."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from grpc import StatusCode

from components.records.servable import DEFAULT_SIGNATURE
from components.records.serving_protos import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    predict_pb2,
    regression_pb2,
)
from components.server.calls import Calls
from components.server.errors import StatusError, invalid_argument
from components.server.rest.example_request import fill_example_request
from components.server.rest.json_response import (
    classifications,
    prediction_columns,
    prediction_rows,
    regressions,
)
from components.server.rest.json_writer import error_body
from components.server.rest.predict_request import Infos, fill_predict_request
from components.server.rest.proto_json import proto_json
from components.server.rest.routes import Route, VersionError, malformed, parse

_log = logging.getLogger("arbiter.server")
_HTTP_CODES = {
    StatusCode.OK: 200,
    StatusCode.CANCELLED: 499,
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.DEADLINE_EXCEEDED: 504,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.ABORTED: 409,
    StatusCode.OUT_OF_RANGE: 400,
    StatusCode.UNIMPLEMENTED: 501,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.UNAUTHENTICATED: 401,
}
_INTERNAL_ERROR = 500
_SIGNATURE_DEF = "signature_def"


class Answer(NamedTuple):
    """What a call ended with: its status and body, and for which model and verb it was."""

    code: StatusCode
    body: bytes
    model: str = ""
    verb: str = ""


class RestApi:
    """Answers the paths below /v1/.

    Args:
        calls: What the paths lead to.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._runs: dict[str, Callable[[model_pb2.ModelSpec, bytes], bytes]] = {
            "predict": self._predict,
            "classify": self._classify,
            "regress": self._regress,
        }

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """What a request is answered with.

        Args:
            target: Its path and query, as sent.
        """
        try:
            route = parse(method, target)
            if route is None:
                raise malformed(method, target)
        except VersionError:
            return Answer(StatusCode.INVALID_ARGUMENT, b"")
        except StatusError as error:
            return Answer(error.code, error_body(error.message))
        verb = route.verb if method == "POST" else ""
        try:
            return Answer(StatusCode.OK, self._run(route, body), route.spec.name, verb)
        except StatusError as error:
            return Answer(error.code, error_body(error.message), route.spec.name, verb)
        except Exception:  # a fault of ours, or of the model in a way that nobody foresaw
            _log.exception("REST call failed")
            return Answer(StatusCode.INTERNAL, error_body("Internal error"), route.spec.name, verb)

    def _run(self, route: Route, body: bytes) -> bytes:
        run = self._runs.get(route.verb)
        if run is not None:
            return run(route.spec, body)
        if not route.spec.name:
            raise invalid_argument("Missing model name in request.")
        return self._metadata(route.spec) if route.verb == "metadata" else self._status(route.spec)

    def _predict(self, spec: model_pb2.ModelSpec, body: bytes) -> bytes:
        request = predict_pb2.PredictRequest(model_spec=spec)
        rows = fill_predict_request(request, body, lambda name: self._inputs(spec, name))
        outputs = self._calls.predict(request).outputs
        return prediction_rows(outputs) if rows else prediction_columns(outputs)

    def _classify(self, spec: model_pb2.ModelSpec, body: bytes) -> bytes:
        request = classification_pb2.ClassificationRequest(model_spec=spec)
        fill_example_request(request, body)
        return classifications(self._calls.classify(request).result)

    def _regress(self, spec: model_pb2.ModelSpec, body: bytes) -> bytes:
        request = regression_pb2.RegressionRequest(model_spec=spec)
        fill_example_request(request, body)
        return regressions(self._calls.regress(request).result)

    def _status(self, spec: model_pb2.ModelSpec) -> bytes:
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=spec)
        return proto_json(self._calls.model_status(request)).encode()

    def _metadata(self, spec: model_pb2.ModelSpec) -> bytes:
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=spec, metadata_field=[_SIGNATURE_DEF]
        )
        response = self._calls.model_metadata(request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata[_SIGNATURE_DEF].Unpack(signatures)
        return (
            f'{{\n"model_spec":{proto_json(response.model_spec)},\n'
            f'"metadata": {{"{_SIGNATURE_DEF}": {proto_json(signatures)}}}\n}}\n'
        ).encode()

    def _inputs(self, spec: model_pb2.ModelSpec, signature: str) -> Infos:
        name = signature or DEFAULT_SIGNATURE
        _, servable = self._calls.resolve(spec)
        proto = servable.signature_defs.get(name)
        if proto is None:
            raise invalid_argument(f'Serving signature name: "{name}" not found in signature def')
        inputs: Infos = proto.inputs
        return inputs


def http_code(code: StatusCode) -> int:
    """The HTTP status that stands for a gRPC one."""
    return _HTTP_CODES.get(code, _INTERNAL_ERROR)
