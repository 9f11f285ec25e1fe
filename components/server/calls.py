"""Every call of the API as a function from request to response: what gRPC and REST both are thin over."""

from components.records.servable import Servable
from components.records.serving_protos import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_pb2,
    predict_pb2,
    regression_pb2,
)
from components.server.classify import classify
from components.server.core import ServerCore
from components.server.errors import invalid_argument
from components.server.metadata import model_metadata
from components.server.metrics import counter_value
from components.server.multi_inference import multi_inference
from components.server.predict import predict
from components.server.regress import regress
from components.server.status import model_status

_ANY_MODEL = model_pb2.ModelSpec()


class Calls:
    """The calls on one server's models. Each raises `StatusError` where TF Serving answers an error.

    Args:
        core: Finds the version that a request means.
        check_method_names: Refuses to use a signature for what it is not declared to be for.
        as_tensor_content: Answers tensors as packed bytes instead of in their typed fields.
    """

    def __init__(
        self, core: ServerCore, *, check_method_names: bool = False, as_tensor_content: bool = False
    ) -> None:
        self._core = core
        self._check_method_names = check_method_names
        self._as_tensor_content = as_tensor_content

    def resolve(self, spec: model_pb2.ModelSpec) -> tuple[int, Servable]:
        """The version that a model spec means."""
        return self._core.resolve(spec)

    def predict(self, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
        version, servable = self._version(request)
        return predict(
            servable,
            version,
            request,
            check_method_name=self._check_method_names,
            as_tensor_content=self._as_tensor_content,
        )

    def classify(
        self, request: classification_pb2.ClassificationRequest
    ) -> classification_pb2.ClassificationResponse:
        version, servable = self._version(request)
        return classify(servable, version, request, check_method_name=self._check_method_names)

    def regress(self, request: regression_pb2.RegressionRequest) -> regression_pb2.RegressionResponse:
        version, servable = self._version(request)
        return regress(servable, version, request, check_method_name=self._check_method_names)

    def multi_inference(
        self, request: inference_pb2.MultiInferenceRequest
    ) -> inference_pb2.MultiInferenceResponse:
        spec = request.tasks[0].model_spec if request.tasks else _ANY_MODEL
        version, servable = self._core.resolve(spec)
        return multi_inference(servable, version, request, check_method_name=self._check_method_names)

    def model_metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        return model_metadata(self._core, request)

    def model_status(
        self, request: get_model_status_pb2.GetModelStatusRequest
    ) -> get_model_status_pb2.GetModelStatusResponse:
        return model_status(self._core, request)

    def reload(
        self, request: model_management_pb2.ReloadConfigRequest
    ) -> model_management_pb2.ReloadConfigResponse:
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest. "
                "Only ModelConfigList is currently supported"
            )
        before = {name: counter_value(name) for name in request.metric_names}
        self._core.reload(request.config)
        response = model_management_pb2.ReloadConfigResponse()
        response.status.SetInParent()
        for name, count in before.items():
            response.metric.add(name=name, int64_value_increase=counter_value(name) - count)
        return response

    def _version(
        self,
        request: predict_pb2.PredictRequest
        | classification_pb2.ClassificationRequest
        | regression_pb2.RegressionRequest,
    ) -> tuple[int, Servable]:
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        return self._core.resolve(request.model_spec)
