"""The two gRPC services, thin over `ServerCore`."""

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from components.records.serving_protos import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)
from components.server.core import ServerCore
from components.server.errors import StatusError, invalid_argument, not_found, unimplemented
from components.server.predict import predict

_log = logging.getLogger("arbiter.server")
_SIGNATURE_DEF = "signature_def"

Request = TypeVar("Request")
Response = TypeVar("Response")


def _answers(
    method: Callable[[Any, Request], Response],
) -> Callable[[Any, Request, grpc.ServicerContext], Response]:
    """Turns a `StatusError` into the call's status."""

    @functools.wraps(method)
    def call(self: Any, request: Request, context: grpc.ServicerContext) -> Response:
        try:
            return method(self, request)
        except StatusError as error:
            context.abort(error.code, error.details)
            raise  # not reached: abort raises

    return call


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predict and GetModelMetadata; the calls on tf.Examples are not there yet and say so."""

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    @_answers
    def Predict(self, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:  # noqa: N802
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        version, servable = self._core.resolve(request.model_spec)
        return predict(servable, version, request)

    @_answers
    def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        if not request.metadata_field:
            raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                raise invalid_argument(f"Metadata field {field} is not supported")
        version, servable = self._core.resolve(request.model_spec)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, proto in servable.signature_defs.items():
            signatures.signature_def[name].CopyFrom(proto)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = version
        response.metadata[_SIGNATURE_DEF].Pack(signatures)
        return response

    @_answers
    def Classify(  # noqa: N802
        self, request: classification_pb2.ClassificationRequest
    ) -> classification_pb2.ClassificationResponse:
        raise unimplemented("Classify is not implemented by this model server; use Predict")

    @_answers
    def Regress(  # noqa: N802
        self, request: regression_pb2.RegressionRequest
    ) -> regression_pb2.RegressionResponse:
        raise unimplemented("Regress is not implemented by this model server; use Predict")

    @_answers
    def MultiInference(  # noqa: N802
        self, request: inference_pb2.MultiInferenceRequest
    ) -> inference_pb2.MultiInferenceResponse:
        raise unimplemented("MultiInference is not implemented by this model server; use Predict")


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """States of versions, and replacing the configuration."""

    def __init__(self, core: ServerCore) -> None:
        self._core = core

    @_answers
    def GetModelStatus(  # noqa: N802
        self, request: get_model_status_pb2.GetModelStatusRequest
    ) -> get_model_status_pb2.GetModelStatusResponse:
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        spec = request.model_spec
        states = self._core.manager.states(spec.name)
        if spec.WhichOneof("version_choice") == "version":  # a label is ignored, as TF Serving does
            number = spec.version.value
            if number not in states:
                raise not_found(f"Could not find version {number} of model {spec.name}")
            states = {number: states[number]}
        if not states:
            raise not_found(f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number, state in states.items():
            status = response.model_version_status.add(version=number, state=int(state.state))
            status.status.SetInParent()
            if state.failure is not None:
                status.status.error_code = state.failure.code
                status.status.error_message = state.failure.message
        return response

    @_answers
    def HandleReloadConfigRequest(  # noqa: N802
        self, request: model_management_pb2.ReloadConfigRequest
    ) -> model_management_pb2.ReloadConfigResponse:
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. "
                "Only ModelConfigList is currently supported"
            )
        try:
            self._core.reload(request.config)
        except StatusError as error:
            _log.error("ReloadConfig failed: %s", error.message)
            raise
        response = model_management_pb2.ReloadConfigResponse()
        response.status.SetInParent()
        for name in request.metric_names:
            response.metric.add(name=name)
        return response
