"""What Kubeflow Pipelines shows: against what kfp's own classes hold, and scikit-learn's curve."""

import numpy as np
import pytest
from kfp import dsl
from sklearn.metrics import roc_auc_score

from components.evaluate.evaluation import Curves, Evaluation
from components.evaluate.options import Thresholds
from components.evaluate.review import dashboard as module
from components.evaluate.review.dashboard import dashboard, read_dashboard, write_dashboard
from components.evaluate.review.found import Found
from components.evaluate.review.overlaps import Overlaps
from components.evaluate.verdict import decide
from tests.evaluate.review.made_up import made_up


@pytest.fixture(scope="module")
def found():
    return made_up()


def test_the_confusion_matrix_is_what_kfp_holds(found):
    expected = dsl.ClassificationMetrics(name="m", uri="", metadata={})
    expected.log_confusion_matrix(list(found.overlaps.skills), [list(row) for row in found.overlaps.matrix])
    held = dashboard(found).classification
    assert held["confusionMatrix"] == expected.metadata["confusionMatrix"]
    assert len(held["confusionMatrix"]["rows"]) == 20


def test_the_roc_curve_is_what_kfp_holds_and_scikit_learn_computes(found):
    held = dashboard(found).classification["confidenceMetrics"]
    fpr, tpr, thresholds = (
        [point[name] for point in held] for name in ("falsePositiveRate", "recall", "confidenceThreshold")
    )
    expected = dsl.ClassificationMetrics(name="m", uri="", metadata={})
    expected.log_roc_curve(fpr, tpr, thresholds)
    assert held == expected.metadata["confidenceMetrics"]
    assert (held[0]["recall"], held[-1]["recall"], held[-1]["falsePositiveRate"]) == (0.0, 1.0, 1.0)
    curves = found.evaluation.curves
    right = np.repeat([1, 0], [sum(curves.right), sum(curves.wrong)])
    score = np.concatenate([np.repeat(np.arange(20), counts) for counts in (curves.right, curves.wrong)])
    assert np.trapezoid(tpr, fpr) == pytest.approx(roc_auc_score(right, score), rel=1e-12)


def test_the_metrics_are_what_kfp_holds(found):
    expected = dsl.Metrics(name="m", uri="", metadata={})
    expected.log_metric("blessed", 0.0)
    held = dashboard(found).metrics
    for name in held:
        expected.log_metric(name, found.evaluation.overall.get(name, 0.0))
    assert held == expected.metadata
    assert len(held) == 11


def test_it_goes_there_and_back(found, tmp_path):
    write_dashboard(tmp_path, found)
    assert read_dashboard(tmp_path) == dashboard(found)


@pytest.mark.parametrize("curves", [Curves(), Curves(right=(1, 2), wrong=(0, 0))])
def test_where_nothing_is_wrong_there_is_no_curve(curves):
    evaluation = Evaluation(split="test", slices={}, curves=curves)
    empty = Found(evaluation=evaluation, verdict=decide(evaluation, Thresholds()), overlaps=Overlaps())
    assert dashboard(empty) == module.Dashboard(metrics={"blessed": 0.0}, classification={})
