"""Predict: from the request's tensors to the response's, with TF Serving's checks in TF Serving's order."""

from collections.abc import Iterable

from components.records.array import Array
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.serving_protos import meta_graph_pb2, predict_pb2, tensor_pb2
from components.records.tensors import fill, from_proto, type_name
from components.server.answered_by import fill_answered_by
from components.server.classify import CLASSIFY
from components.server.errors import failed_precondition, internal, invalid_argument
from components.server.regress import REGRESS
from components.server.run import run

PREDICT = "tensorflow/serving/predict"


def predict(
    servable: Servable,
    version: int,
    request: predict_pb2.PredictRequest,
    *,
    check_method_name: bool = False,
    as_tensor_content: bool = False,
) -> predict_pb2.PredictResponse:
    """Runs the signature that `request` names.

    Args:
        check_method_name: Refuses a signature that is not declared to predict, classify or regress.
        as_tensor_content: Answers tensors as packed bytes instead of in their typed fields.

    Raises:
        StatusError: The signature is not served, or does not take the inputs or answer the outputs named.
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    signature = servable.signature_defs.get(name)
    if signature is None:
        raise failed_precondition(f'Serving signature key "{name}" not found.')
    if check_method_name and signature.method_name not in (PREDICT, CLASSIFY, REGRESS):
        raise internal(
            "Expected prediction signature method_name to be one of "
            f"{{{PREDICT}, {CLASSIFY}, {REGRESS}}}. Was: {signature.method_name}"
        )
    arrays = run(
        servable,
        name,
        _inputs(signature, request),
        _outputs(signature, request),
        model=request.model_spec.name,
        api="Predict",
    )
    response = predict_pb2.PredictResponse()
    fill_answered_by(response.model_spec, request.model_spec, signature=name, version=version)
    for alias, array in arrays.items():
        fill(response.outputs[alias], array, packed=as_tensor_content)
    return response


def _inputs(signature: meta_graph_pb2.SignatureDef, request: predict_pb2.PredictRequest) -> dict[str, Array]:
    given, expected, defaults = set(request.inputs), set(signature.inputs), set(signature.defaults)
    if len(given) > len(expected) or (len(given) < len(expected) and not defaults):
        raise invalid_argument(
            f"input size does not match signature: {len(given)}!={len(expected)} "
            f"len({{{_joined(given)}}}) != len({{{_joined(expected)}}}). "
            f"Sent extra: {{{_joined(given - expected)}}}. "
            f"Missing but required: {{{_joined(expected - given)}}}."
        )
    inputs = {}
    for index, alias in enumerate(sorted(expected)):
        info = signature.inputs[alias]
        if alias not in given and alias not in defaults:
            raise invalid_argument(
                f"Signature input alias: {alias}(feed name: {info.name}) not found in request and no default "
                f"value provided. Inputs expected to be in the request {{{_joined(given)}}}, "
                f"or default input alias set: {_joined(defaults)}"
            )
        proto = request.inputs[alias] if alias in given else signature.defaults[alias]
        inputs[alias] = _parsed(alias, proto)
        if proto.dtype != info.dtype:
            raise invalid_argument(
                f"Expects arg[{index}] to be {type_name(info.dtype)} but {type_name(proto.dtype)} is provided"
            )
    if not given <= expected:
        raise invalid_argument(
            f"Inputs contains invalid name. Used request inputs: {_joined(given & expected)}, "
            f"request input: {_joined(given)}"
        )
    return inputs


def _parsed(alias: str, proto: tensor_pb2.TensorProto) -> Array:
    try:
        return from_proto(proto)
    except ValueError as error:
        raise invalid_argument(f"tensor parsing error: {alias}") from error


def _outputs(signature: meta_graph_pb2.SignatureDef, request: predict_pb2.PredictRequest) -> list[str]:
    outputs: list[str] = []
    for alias in request.output_filter:
        if alias not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {alias} "
                f"Outputs expected to be in the set {{{_joined(signature.outputs)}}}."
            )
        if alias in outputs:
            raise invalid_argument(f"duplicate output tensor alias: {alias}")
        outputs.append(alias)
    return outputs


def _joined(names: Iterable[str]) -> str:
    return ",".join(sorted(names))
