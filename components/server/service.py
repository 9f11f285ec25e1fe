"""The two gRPC services, thin over `Calls`."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

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
from components.server.calls import Calls
from components.server.deadline import answering_within
from components.server.errors import StatusError
from components.server.metrics import REQUEST_COUNT, REQUEST_LATENCY

_log = logging.getLogger("arbiter.server")

Request = TypeVar("Request")
_RunRequest = TypeVar(
    "_RunRequest",
    predict_pb2.PredictRequest,
    classification_pb2.ClassificationRequest,
    regression_pb2.RegressionRequest,
)
Response = TypeVar("Response")


def _answer(call: Callable[[Request], Response], request: Request, context: grpc.ServicerContext) -> Response:
    """The call's response; a `StatusError` becomes the call's status."""
    try:
        return call(request)
    except StatusError as error:
        context.abort(error.code, error.details)
        raise  # not reached: abort raises


def _recorded(
    api: str, call: Callable[[_RunRequest], Response], request: _RunRequest, context: grpc.ServicerContext
) -> Response:
    """As `_answer`, and how the call ended and how long it took is counted."""
    model, start = request.model_spec.name, time.perf_counter()
    try:
        with answering_within(context.time_remaining()):
            response = call(request)
    except StatusError as error:
        REQUEST_COUNT.add(model, error.code.name)
        context.abort(error.code, error.details)
        raise  # not reached: abort raises
    REQUEST_COUNT.add(model, "OK")
    REQUEST_LATENCY.add((time.perf_counter() - start) * 1e6, model, api, "GRPC")
    return response


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """The calls that run models, and GetModelMetadata."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def Predict(  # noqa: N802
        self, request: predict_pb2.PredictRequest, context: grpc.ServicerContext
    ) -> predict_pb2.PredictResponse:
        return _recorded("Predict", self._calls.predict, request, context)

    def Classify(  # noqa: N802
        self, request: classification_pb2.ClassificationRequest, context: grpc.ServicerContext
    ) -> classification_pb2.ClassificationResponse:
        return _recorded("Classify", self._calls.classify, request, context)

    def Regress(  # noqa: N802
        self, request: regression_pb2.RegressionRequest, context: grpc.ServicerContext
    ) -> regression_pb2.RegressionResponse:
        return _recorded("Regress", self._calls.regress, request, context)

    def MultiInference(  # noqa: N802
        self, request: inference_pb2.MultiInferenceRequest, context: grpc.ServicerContext
    ) -> inference_pb2.MultiInferenceResponse:
        return _answer(self._calls.multi_inference, request, context)

    def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        return _answer(self._calls.model_metadata, request, context)


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """States of versions, and replacing the configuration."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def GetModelStatus(  # noqa: N802
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        return _answer(self._calls.model_status, request, context)

    def HandleReloadConfigRequest(  # noqa: N802
        self, request: model_management_pb2.ReloadConfigRequest, context: grpc.ServicerContext
    ) -> model_management_pb2.ReloadConfigResponse:
        return _answer(self._reload, request, context)

    def _reload(
        self, request: model_management_pb2.ReloadConfigRequest
    ) -> model_management_pb2.ReloadConfigResponse:
        try:
            return self._calls.reload(request)
        except StatusError as error:
            _log.error("ReloadConfig failed: %s", error.message)
            raise
