"""MultiInference: several signatures of one version on the same tf.Examples."""

from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.serving_protos import inference_pb2
from components.server.answered_by import fill_answered_by
from components.server.classify import CLASSIFY, classification_outputs, fill_classifications
from components.server.errors import invalid_argument, unimplemented
from components.server.examples import INPUTS, serialized_examples
from components.server.metrics import EXAMPLE_COUNT_TOTAL, EXAMPLE_COUNTS
from components.server.regress import OUTPUTS, REGRESS, check_regression, fill_regressions
from components.server.run import run


def multi_inference(
    servable: Servable,
    version: int,
    request: inference_pb2.MultiInferenceRequest,
    *,
    check_method_name: bool = False,
) -> inference_pb2.MultiInferenceResponse:
    """Runs each task's signature on the examples of `request`.

    Args:
        check_method_name: Refuses a signature that is not declared to do what its task asks.

    Raises:
        StatusError: A task cannot be served, or the graph refuses the examples.
    """
    outputs = _outputs(servable, request, check_method_name=check_method_name)
    examples = serialized_examples(request.input)  # [N]
    response = inference_pb2.MultiInferenceResponse()
    if request.tasks:
        model = request.tasks[0].model_spec.name
        EXAMPLE_COUNTS.add(len(examples), model)
        EXAMPLE_COUNT_TOTAL.add(model, by=len(examples))
    for task in request.tasks:
        name = task.model_spec.signature_name or DEFAULT_SIGNATURE
        found = run(servable, name, {INPUTS: examples}, outputs[name])
        result = response.results.add()
        if task.method_name == CLASSIFY:
            fill_classifications(result.classification_result, found, examples=len(examples))
        else:
            fill_regressions(result.regression_result, found[OUTPUTS], examples=len(examples))
        fill_answered_by(result.model_spec, task.model_spec, signature=name, version=version)
    return response


def _outputs(
    servable: Servable, request: inference_pb2.MultiInferenceRequest, *, check_method_name: bool
) -> dict[str, list[str]]:
    """The outputs to compute, by signature, once all tasks have been found to be servable."""
    outputs: dict[str, list[str]] = {}
    for task in request.tasks:
        spec = task.model_spec
        if not spec.name:
            raise invalid_argument("Found ModelSpec with an empty model name.")
        if spec.name != request.tasks[0].model_spec.name:
            raise invalid_argument(
                "All ModelSpecs in a MultiInferenceRequest must access the same model name."
            )
        name = spec.signature_name or DEFAULT_SIGNATURE
        if name in outputs:
            raise invalid_argument(f"Duplicate evaluation of signature: {name}")
        signature = servable.signature_defs.get(name)
        if signature is None:
            raise invalid_argument(f"Requested signature not found in model graph: {name}")
        if task.method_name == CLASSIFY:
            outputs[name] = classification_outputs(signature, check_method_name=check_method_name)
        elif task.method_name == REGRESS:
            check_regression(signature, check_method_name=check_method_name)
            outputs[name] = [OUTPUTS]
        else:
            raise unimplemented(f"Unsupported signature method_name: {task.method_name}")
    return outputs
