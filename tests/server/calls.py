"""Short forms for raw calls: the protos and what comes back."""

import time
from collections.abc import Callable

import grpc
import numpy as np

from components.records.serving_protos import (
    model_management_pb2,
    model_server_config_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)

X = np.array([[1.0, 2.0], [3.0, 5.0]], np.float32)
NAMES = np.array([b"a", b"\xc3\xa4z"], dtype=object)
INPUTS = {"x": X, "name": NAMES}


def prediction_stub(server):
    return prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(server.address))


def model_stub(server):
    return model_service_pb2_grpc.ModelServiceStub(grpc.insecure_channel(server.address))


def refusal(method, request) -> tuple[str, str]:
    """The status code's name and the message that the call ends with."""
    try:
        method(request, timeout=10)
    except grpc.RpcError as error:
        return error.code().name, error.details()
    return "OK", ""


def model_config(name, base, *, versions=(), labels=None, platform="tensorflow", policy=None, log_to=None):
    config = model_server_config_pb2.ModelConfig(
        name=name, base_path=str(base), model_platform=platform, version_labels=labels or {}
    )
    if log_to is not None:
        config.logging_config.log_collector_config.filename_prefix = log_to
    if policy == "all":
        config.model_version_policy.all.SetInParent()
    elif isinstance(policy, int):
        config.model_version_policy.latest.num_versions = policy
    elif versions:
        config.model_version_policy.specific.versions.extend(versions)
    return config


def server_config(*configs):
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.SetInParent()
    config.model_config_list.config.extend(configs)
    return config


def reload_request(*configs):
    return model_management_pb2.ReloadConfigRequest(config=server_config(*configs))


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
