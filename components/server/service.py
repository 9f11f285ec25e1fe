"""The two gRPC services as methods by name, thin over `Calls`."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from google.protobuf.message_factory import GetMessageClass

from components.records.serving_protos import (
    classification_pb2,
    model_management_pb2,
    model_service_pb2,
    predict_pb2,
    prediction_service_pb2,
    regression_pb2,
)
from components.server.calls import Calls
from components.server.deadline import answering_within
from components.server.errors import StatusError
from components.server.in_place import Method
from components.server.metrics import REQUEST_COUNT, REQUEST_LATENCY

_log = logging.getLogger("arbiter.server")
_PREDICTION = prediction_service_pb2.DESCRIPTOR.services_by_name["PredictionService"]
_MODEL = model_service_pb2.DESCRIPTOR.services_by_name["ModelService"]
SERVICES: tuple[str, ...] = (_PREDICTION.full_name, _MODEL.full_name)

_RunRequest = TypeVar(
    "_RunRequest",
    predict_pb2.PredictRequest,
    classification_pb2.ClassificationRequest,
    regression_pb2.RegressionRequest,
)
Response = TypeVar("Response")


def methods(calls: Calls) -> dict[str, Method]:
    """The calls of both services by their full names, `/package.Service/Method`."""
    return {
        **_named(
            _PREDICTION,
            {
                "Predict": _recorded("Predict", calls.predict),
                "Classify": _recorded("Classify", calls.classify),
                "Regress": _recorded("Regress", calls.regress),
                "MultiInference": _plain(calls.multi_inference),
                "GetModelMetadata": _plain(calls.model_metadata),
            },
        ),
        **_named(
            _MODEL,
            {
                "GetModelStatus": _plain(calls.model_status),
                "HandleReloadConfigRequest": _plain(_logged(calls.reload)),
            },
        ),
    }


def _named(service: Any, answers: Mapping[str, Callable[[Any, float], Any]]) -> dict[str, Method]:
    return {
        f"/{service.full_name}/{name}": Method(
            GetMessageClass(service.methods_by_name[name].input_type), answer
        )
        for name, answer in answers.items()
    }


def _plain(call: Callable[[Any], Response]) -> Callable[[Any, float], Response]:
    return lambda request, _: call(request)


def _recorded(api: str, call: Callable[[_RunRequest], Response]) -> Callable[[_RunRequest, float], Response]:
    """As the call; how it ended and how long it took is counted."""

    def answer(request: _RunRequest, seconds: float) -> Response:
        model, start = request.model_spec.name, time.perf_counter()
        try:
            with answering_within(seconds):
                response = call(request)
        except StatusError as error:
            REQUEST_COUNT.add(model, error.code.name)
            raise
        REQUEST_COUNT.add(model, "OK")
        REQUEST_LATENCY.add((time.perf_counter() - start) * 1e6, model, api, "GRPC")
        return response

    return answer


def _logged(
    reload: Callable[[model_management_pb2.ReloadConfigRequest], Response],
) -> Callable[[model_management_pb2.ReloadConfigRequest], Response]:
    def answer(request: model_management_pb2.ReloadConfigRequest) -> Response:
        try:
            return reload(request)
        except StatusError as error:
            _log.error("ReloadConfig failed: %s", error.message)
            raise

    return answer
