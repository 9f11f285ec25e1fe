"""Classify: from tf.Examples to classes with scores, with TF Serving's checks in TF Serving's order."""

from collections.abc import Mapping

from components.records.array import Array
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.serving_protos import classification_pb2, meta_graph_pb2
from components.records.tensors import enum_name
from components.server.answered_by import fill_answered_by
from components.server.errors import invalid_argument
from components.server.examples import INPUTS, serialized_examples
from components.server.run import run

CLASSIFY = "tensorflow/serving/classify"
CLASSES, SCORES = "classes", "scores"


def classify(
    servable: Servable,
    version: int,
    request: classification_pb2.ClassificationRequest,
    *,
    check_method_name: bool = False,
) -> classification_pb2.ClassificationResponse:
    """Runs the signature that `request` names on its examples.

    Args:
        check_method_name: Refuses a signature that is not declared to classify.

    Raises:
        StatusError: The signature does not classify, or the graph refuses the examples.
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    signature = servable.signature_defs.get(name)
    if signature is None:
        raise invalid_argument(f"No signature was found with the name: {name}")
    outputs = classification_outputs(signature, check_method_name=check_method_name)
    examples = serialized_examples(request.input)  # [N]
    response = classification_pb2.ClassificationResponse()
    fill_answered_by(response.model_spec, request.model_spec, signature=name, version=version)
    fill_classifications(
        response.result,
        run(servable, name, {INPUTS: examples}, outputs, model=request.model_spec.name, api="Classify"),
        examples=len(examples),
    )
    return response


def classification_outputs(
    signature: meta_graph_pb2.SignatureDef, *, check_method_name: bool = False
) -> list[str]:
    """The outputs of a signature that classifies: classes, scores or both. Raises `StatusError`."""
    if check_method_name and signature.method_name != CLASSIFY:
        raise invalid_argument(
            f"Expected classification signature method_name to be {CLASSIFY}. Was: {signature.method_name}"
        )
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(f"Expected one or two output Tensors, found {len(signature.outputs)}")
    if INPUTS not in signature.inputs:
        raise invalid_argument(f"No classification inputs found in SignatureDef: {signature}")
    found = [name for name in (CLASSES, SCORES) if name in signature.outputs]
    if not found:
        raise invalid_argument(
            "Expected classification signature outputs to contain at least one of "
            f'"{CLASSES}" or "{SCORES}". Signature was: {signature}'
        )
    return found


def fill_classifications(
    result: classification_pb2.ClassificationResult, outputs: Mapping[str, Array], *, examples: int
) -> None:
    """Writes what the graph answered into `result`.

    Args:
        outputs: `classes` string [N, C], `scores` float [N, C], or one of them.
        examples: N.

    Raises:
        StatusError: An output has another type or shape.
    """
    for name, expected in ((CLASSES, "DT_STRING"), (SCORES, "DT_FLOAT")):
        if name in outputs:
            _check(name, outputs[name], expected, examples)
    widths = [output.shape[1] for output in outputs.values()]
    if len(set(widths)) > 1:
        raise invalid_argument(
            "Tensors class and score should match in dim_size(1). "
            f"Got {outputs[CLASSES].shape[1]} vs. {outputs[SCORES].shape[1]}"
        )
    labels = outputs[CLASSES].tolist() if CLASSES in outputs else None  # [N, C]
    scores = outputs[SCORES].tolist() if SCORES in outputs else None  # [N, C]
    for row in range(examples):
        classes = result.classifications.add().classes
        for column in range(widths[0]):
            found = classes.add()
            if labels is not None:
                found.label = labels[row][column].decode(errors="replace")
            if scores is not None:
                found.score = scores[row][column]


def _check(name: str, output: Array, expected: str, examples: int) -> None:
    if output.ndim != 2:
        shape = ",".join(map(str, output.shape))
        raise invalid_argument(f"Expected Tensor shape: [batch_size num_classes] but got [{shape}]")
    found = enum_name(output.dtype)
    if found != expected:
        raise invalid_argument(f"Expected {name} Tensor of {expected}. Got: {found}")
    if len(output) != examples:
        raise invalid_argument(f"Expected {name} output batch size of {examples}. Got: {len(output)}")
