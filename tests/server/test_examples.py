"""Classify, Regress and MultiInference on tf.Examples: answers, codes and texts."""

import pytest

from components.records.servable import Servable
from components.records.serving_protos import (
    classification_pb2,
    example_pb2,
    inference_pb2,
    input_pb2,
    regression_pb2,
)
from components.server.classify import classify
from components.server.errors import StatusError
from components.server.multi_inference import multi_inference
from components.server.regress import regress
from tests.saved_models import save_on_examples

KINDS = {"classify": "tensorflow/serving/classify", "regress": "tensorflow/serving/regress"}


def example(**features):
    made = example_pb2.Example()
    for name, value in features.items():
        made.features.feature[name].float_list.value.append(value)
    return made


def example_list(*values):
    return input_pb2.Input(example_list={"examples": [example(x=value) for value in values]})


def classification(signature, given=None):
    spec = {"name": "m", "signature_name": signature}
    return classification_pb2.ClassificationRequest(model_spec=spec, input=given or example_list(0.25, 1))


def regression(signature, given=None):
    spec = {"name": "m", "signature_name": signature}
    return regression_pb2.RegressionRequest(model_spec=spec, input=given or example_list(2, 3))


def tasks(*pairs, given=None):
    """A MultiInference request of (signature, kind of call)."""
    return inference_pb2.MultiInferenceRequest(
        tasks=[
            {"model_spec": {"name": "m", "signature_name": signature}, "method_name": KINDS.get(kind, kind)}
            for signature, kind in pairs
        ],
        input=given or example_list(0.5),
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return Servable.load(save_on_examples(tmp_path_factory.mktemp("on_examples")))


def values(response):
    return [regression.value for regression in response.result.regressions]


def rows(result):
    return [[(each.label, each.score) for each in row.classes] for row in result.classifications]


@pytest.mark.parametrize("signature", ["", "regress", "column"])
def test_regress_answers_a_value_per_example(loaded, signature):
    response = regress(loaded, 7, regression(signature))
    assert values(response) == [3.0, 3.5]
    spec = response.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("m", 7, signature or "serving_default")


def test_classify_answers_classes_and_scores(loaded):
    response = classify(loaded, 7, classification("classify"))
    assert rows(response.result) == [[("low", 0.75), ("high", 0.25)], [("low", 0.0), ("high", 1.0)]]
    assert (response.model_spec.version.value, response.model_spec.signature_name) == (7, "classify")
    only_classes = classify(loaded, 7, classification("classes", example_list(1))).result
    assert rows(only_classes) == [[("low", 0.0), ("high", 0.0)]]
    only_scores = classify(loaded, 7, classification("scores", example_list(1))).result
    assert rows(only_scores) == [[("", 0.0), ("", 1.0)]]


def test_the_context_is_part_of_each_example(loaded):
    given = input_pb2.Input()
    given.example_list_with_context.context.CopyFrom(example(x=4))
    given.example_list_with_context.examples.extend([example(), example(x=2)])
    assert values(regress(loaded, 1, regression("regress", given))) == [4.0, 3.0]


def test_multi_inference_runs_its_tasks_on_the_same_examples(loaded):
    response = multi_inference(loaded, 7, tasks(("", "regress"), ("classify", "classify")))
    first, second = response.results
    assert [each.value for each in first.regression_result.regressions] == [2.25]
    assert rows(second.classification_result) == [[("low", 0.5), ("high", 0.5)]]
    assert [r.model_spec.signature_name for r in response.results] == ["serving_default", "classify"]
    assert [r.model_spec.version.value for r in response.results] == [7, 7]


REFUSED = {
    "no such signature": (
        regress,
        regression("s"),
        "INVALID_ARGUMENT: No signature was found with the name: s",
    ),
    "no such signature to classify": (
        classify,
        classification("s"),
        "INVALID_ARGUMENT: No signature was found with the name: s",
    ),
    "no examples": (
        regress,
        regression("regress", input_pb2.Input(example_list={})),
        "INVALID_ARGUMENT: Input is empty.",
    ),
    "nothing at all": (
        classify,
        classification_pb2.ClassificationRequest(model_spec={"name": "m", "signature_name": "classify"}),
        "INVALID_ARGUMENT: Input is empty.",
    ),
    "two outputs": (regress, regression("classify"), "INVALID_ARGUMENT: Expected one output Tensor."),
    "other outputs": (
        regress,
        regression("scores"),
        "INVALID_ARGUMENT: No regression outputs found in SignatureDef: inputs {",
    ),
    "no classes and scores": (
        classify,
        classification("neither"),
        "INVALID_ARGUMENT: Expected classification signature outputs to contain at least one of "
        '"classes" or "scores". Signature was: inputs {',
    ),
    "two columns": (
        regress,
        regression("wide"),
        "INVALID_ARGUMENT: Expected output Tensor shape to be either [batch_size] or [batch_size, 1] "
        "but got [2,2]",
    ),
    "whole numbers": (
        regress,
        regression("whole"),
        "INVALID_ARGUMENT: Expected output Tensor of DT_FLOAT.  Got: DT_INT64",
    ),
    "too few values": (
        regress,
        regression("short"),
        "INVALID_ARGUMENT: Input batch size did not match output batch size: 2 vs. 1",
    ),
    "flat scores": (
        classify,
        classification("flat"),
        "INVALID_ARGUMENT: Expected Tensor shape: [batch_size num_classes] but got [2]",
    ),
    "as many classes as scores": (
        classify,
        classification("apart"),
        "INVALID_ARGUMENT: Tensors class and score should match in dim_size(1). Got 2 vs. 1",
    ),
    "no model": (
        multi_inference,
        inference_pb2.MultiInferenceRequest(tasks=[{}]),
        "INVALID_ARGUMENT: Found ModelSpec with an empty model name.",
    ),
    "two models": (
        multi_inference,
        inference_pb2.MultiInferenceRequest(
            tasks=[
                {"model_spec": {"name": "m"}, "method_name": KINDS["regress"]},
                {"model_spec": {"name": "n"}, "method_name": KINDS["regress"]},
            ]
        ),
        "INVALID_ARGUMENT: All ModelSpecs in a MultiInferenceRequest must access the same model name.",
    ),
    "a signature twice": (
        multi_inference,
        tasks(("regress", "regress"), ("regress", "regress")),
        "INVALID_ARGUMENT: Duplicate evaluation of signature: regress",
    ),
    "no such signature for a task": (
        multi_inference,
        tasks(("s", "regress")),
        "INVALID_ARGUMENT: Requested signature not found in model graph: s",
    ),
    "a task of another kind": (
        multi_inference,
        tasks(("regress", "tensorflow/serving/predict")),
        "UNIMPLEMENTED: Unsupported signature method_name: tensorflow/serving/predict",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_tf_servings_code_and_words(loaded, case):
    call, request, message = REFUSED[case]
    with pytest.raises(StatusError) as error:
        call(loaded, 1, request)
    assert str(error.value)[: len(message)] == message
    assert "{" in message or str(error.value) == message


def test_method_names_are_checked_only_where_that_is_asked_for(loaded):
    assert values(regress(loaded, 1, regression("regress"), check_method_name=True)) == [3.0, 3.5]
    classify(loaded, 1, classification("classify"), check_method_name=True)
    for call, request, kind, method in (
        (regress, regression("column"), "regression", "regress"),
        (classify, classification("scores"), "classification", "classify"),
        (multi_inference, tasks(("column", "regress")), "regression", "regress"),
    ):
        with pytest.raises(StatusError) as error:
            call(loaded, 1, request, check_method_name=True)
        assert str(error.value) == (
            f"INVALID_ARGUMENT: Expected {kind} signature method_name to be tensorflow/serving/{method}. "
            "Was: tensorflow/serving/predict"
        )
