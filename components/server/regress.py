"""Regress: from tf.Examples to one value each, with TF Serving's checks in TF Serving's order."""

from components.records.array import Array
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.serving_protos import meta_graph_pb2, regression_pb2
from components.records.tensors import enum_name
from components.server.answered_by import fill_answered_by
from components.server.errors import invalid_argument
from components.server.examples import INPUTS, serialized_examples
from components.server.run import run

REGRESS = "tensorflow/serving/regress"
OUTPUTS = "outputs"


def regress(
    servable: Servable,
    version: int,
    request: regression_pb2.RegressionRequest,
    *,
    check_method_name: bool = False,
) -> regression_pb2.RegressionResponse:
    """Runs the signature that `request` names on its examples.

    Args:
        check_method_name: Refuses a signature that is not declared to regress.

    Raises:
        StatusError: The signature does not regress, or the graph refuses the examples.
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    signature = servable.signature_defs.get(name)
    if signature is None:
        raise invalid_argument(f"No signature was found with the name: {name}")
    check_regression(signature, check_method_name=check_method_name)
    examples = serialized_examples(request.input)  # [N]
    response = regression_pb2.RegressionResponse()
    fill_answered_by(response.model_spec, request.model_spec, signature=name, version=version)
    outputs = run(servable, name, {INPUTS: examples}, [OUTPUTS], model=request.model_spec.name, api="Regress")
    fill_regressions(response.result, outputs[OUTPUTS], examples=len(examples))
    return response


def check_regression(signature: meta_graph_pb2.SignatureDef, *, check_method_name: bool = False) -> None:
    """Raises `StatusError` for a signature that does not regress."""
    if check_method_name and signature.method_name != REGRESS:
        raise invalid_argument(
            f"Expected regression signature method_name to be {REGRESS}. Was: {signature.method_name}"
        )
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    if INPUTS not in signature.inputs:
        raise invalid_argument(f"No regression inputs found in SignatureDef: {signature}")
    if OUTPUTS not in signature.outputs:
        raise invalid_argument(f"No regression outputs found in SignatureDef: {signature}")


def fill_regressions(result: regression_pb2.RegressionResult, output: Array, *, examples: int) -> None:
    """Writes what the graph answered into `result`.

    Args:
        output: float [N] or [N, 1].
        examples: N.

    Raises:
        StatusError: The output has another type or shape.
    """
    if output.ndim != 1 and not (output.ndim == 2 and output.shape[1] == 1):
        shape = ",".join(map(str, output.shape))
        raise invalid_argument(
            f"Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [{shape}]"
        )
    if len(output) != examples:
        raise invalid_argument(
            f"Input batch size did not match output batch size: {examples} vs. {len(output)}"
        )
    found = enum_name(output.dtype)
    if found != "DT_FLOAT":
        raise invalid_argument(f"Expected output Tensor of DT_FLOAT.  Got: {found}")
    for value in output.ravel().tolist():
        result.regressions.add(value=value)
