"""Calls a model server over TF Serving's gRPC API; TensorFlow is not imported."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import grpc

from components.records.array import Array
from components.records.serving_protos import (
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from components.records.tensors import fill, from_proto

_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    (
        "grpc.service_config",
        '{"loadBalancingConfig": [{"round_robin": {}}]}',
    ),  # over all of a name's addresses
)


class ServingError(OSError):
    """A call that the server refused or that did not reach it.

    Attributes:
        code: The gRPC status code.
        message: The server's own words.
    """

    def __init__(self, address: str, code: grpc.StatusCode, message: str) -> None:
        super().__init__(f"the model server at {address} answered {code.name}: {message}")
        self.code = code
        self.message = message


class VersionStatus(NamedTuple):
    """State of a version (`START`, `LOADING`, `AVAILABLE`, `UNLOADING`, `END`) and its error, if any."""

    state: str
    error: str


class ServingClient:
    """One connection to a model server, kept open and shared by threads.

    Args:
        address: `host:port`, or what else gRPC takes as a target.
        timeout_s: Deadline of each call.
    """

    def __init__(self, address: str, *, timeout_s: float = 10.0) -> None:
        if timeout_s <= 0:
            raise ValueError(f"`timeout_s` must be positive. Received: timeout_s={timeout_s}")
        self.address = address
        self._timeout_s = timeout_s
        self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        self._predict = prediction_service_pb2_grpc.PredictionServiceStub(self._channel).Predict
        self._status = model_service_pb2_grpc.ModelServiceStub(self._channel).GetModelStatus

    def predict(
        self,
        model: str,
        inputs: Mapping[str, Array],
        *,
        signature: str = "",
        version: int | None = None,
        label: str | None = None,
        outputs: Sequence[str] = (),
        timeout_s: float | None = None,
    ) -> tuple[dict[str, Array], int]:
        """Runs a signature of a model: of `version`, of the one labelled `label`, or of the latest.

        Args:
            timeout_s: Deadline of this call, where it is not the client's.

        Returns: The outputs by name, and the version that answered.
        Raises:
            ValueError: Both `version` and `label` are given.
            ServingError: The server refused, or did not answer in time.
        """
        spec = _spec(model, version, label)
        spec.signature_name = signature
        request = predict_request(spec, inputs, outputs)
        return _read(self._call(self._predict, request, timeout_s))

    def start_predict(
        self,
        model: str,
        inputs: Mapping[str, Array],
        *,
        version: int | None = None,
        label: str | None = None,
        timeout_s: float | None = None,
    ) -> "PendingAnswer":
        """Like `predict`, of the default signature, but does not wait for the answer.

        Args:
            timeout_s: Deadline of this call, where it is not the client's.
        """
        request = predict_request(_spec(model, version, label), inputs)
        future = self._predict.future(request, timeout=self._timeout_s if timeout_s is None else timeout_s)
        return PendingAnswer(self.address, future)

    def status(self, model: str) -> dict[int, VersionStatus]:
        """The versions of a model that the server knows. Raises `ServingError` as `predict` does."""
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=_spec(model, None, None))
        response = self._call(self._status, request)
        state_name = get_model_status_pb2.ModelVersionStatus.State.Name
        return {
            status.version: VersionStatus(state_name(status.state), status.status.error_message)
            for status in response.model_version_status
        }

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, method: Any, request: Any, timeout_s: float | None = None) -> Any:
        try:
            return method(request, timeout=self._timeout_s if timeout_s is None else timeout_s)
        except grpc.RpcError as error:
            raise ServingError(self.address, error.code(), error.details() or "") from error


class PendingAnswer:
    """An answer that is on its way.

    Args:
        address: Of the server.
        future: gRPC's.
    """

    def __init__(self, address: str, future: Any) -> None:
        self._address = address
        self._future = future

    def result(self) -> tuple[dict[str, Array], int]:
        """Waits for it; returns and raises as `ServingClient.predict`."""
        try:
            return _read(self._future.result())
        except grpc.RpcError as error:
            raise ServingError(self._address, self._future.code(), self._future.details() or "") from error
        except grpc.FutureCancelledError as error:  # the client was closed
            raise ServingError(self._address, grpc.StatusCode.CANCELLED, "the call was cancelled") from error


def predict_request(
    spec: model_pb2.ModelSpec, inputs: Mapping[str, Array], outputs: Sequence[str] = ()
) -> predict_pb2.PredictRequest:
    """The message of a call; see `ServingClient.predict`."""
    request = predict_pb2.PredictRequest(model_spec=spec, output_filter=outputs)
    for name, array in inputs.items():
        fill(request.inputs[name], array)
    return request


def _read(response: Any) -> tuple[dict[str, Array], int]:
    outputs = response.outputs
    arrays = {name: from_proto(outputs[name]) for name in outputs}
    return arrays, response.model_spec.version.value


def _spec(model: str, version: int | None, label: str | None) -> model_pb2.ModelSpec:
    if version is not None and label is not None:
        raise ValueError(f"`version` and `label` exclude each other. Received: {version}, {label!r}")
    spec = model_pb2.ModelSpec(name=model)
    if version is not None:
        spec.version.value = version
    if label is not None:
        spec.version_label = label
    return spec
