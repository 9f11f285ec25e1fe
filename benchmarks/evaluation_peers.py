"""The same judgements measured by others: TFMA's own metrics, and scikit-learn slice by slice."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from components.evaluate.judgement import ANSWERABLE, OUT_OF_SCOPE
from components.evaluate.slices import cross_name
from components.evaluate.slicing import Rows
from components.evaluate.table import Coded, Table

Figures = dict[str, dict[str, float]]
"""Value by metric, by slice."""
TFMA_METRICS = {"mean_label": "top1", "mean_prediction": "confidence", "binary_crossentropy": "nll"}
"""TFMA's name of a metric of right (0 or 1) and confidence, and ours."""


def by_tfma(table: Table, *, intervals: bool = False) -> Figures:
    """TFMA's own metrics of the best confidence in every slice of a feature, request by request.

    Args:
        intervals: Also TFMA's own: POISSON_BOOTSTRAP, with as many resamples as it takes by itself, 20.
    """
    import tensorflow_model_analysis as tfma
    from tensorflow_model_analysis.proto import config_pb2

    known = table.take(np.flatnonzero(table.kind == ANSWERABLE))
    columns = {"right": (known.rank == 1) * 1.0, "confidence": known.confidence}
    columns |= {f"slice.{name}": _texts(column) for name, column in known.features.items()}
    metrics = [config_pb2.MetricConfig(class_name=name) for name in ("MeanLabel", "MeanPrediction")]
    metrics += [
        config_pb2.MetricConfig(class_name=name) for name in ("BinaryCrossEntropy", "CalibrationPlot")
    ]
    config = config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec(label_key="right", prediction_key="confidence")],
        metrics_specs=[config_pb2.MetricsSpec(metrics=metrics)],
        slicing_specs=[
            config_pb2.SlicingSpec(),
            *(config_pb2.SlicingSpec(feature_keys=[f"slice.{name}"]) for name in known.features),
        ],
    )
    if intervals:
        config.options.compute_confidence_intervals.value = True
        config.options.confidence_intervals.method = config_pb2.ConfidenceIntervalOptions.POISSON_BOOTSTRAP
    result = tfma.analyze_raw_data(pd.DataFrame(columns), config)
    found: Figures = {}
    for key, outputs in result.slicing_metrics:
        name = cross_name({feature.removeprefix("slice."): str(value) for feature, value in key})
        values = outputs[""][""]
        found[name] = {
            ours: values[theirs].get("doubleValue", values[theirs].get("boundedValue", {}).get("value"))
            for theirs, ours in TFMA_METRICS.items()
        }
    return found


def by_sklearn(table: Table, slices: Mapping[str, Rows]) -> Figures:
    """What scikit-learn has a function for, called on every slice."""
    truth, predicted = _texts(table.truth), _texts(table.predicted)
    found: Figures = {}
    for name, rows in slices.items():
        known = rows[table.kind[rows] == ANSWERABLE]
        scope = rows[table.kind[rows] == OUT_OF_SCOPE]
        if not len(known):
            continue
        right, confidence = table.rank[known] == 1, table.confidence[known]
        found[name] = {
            "top1": accuracy_score(truth[known], predicted[known]),
            "macro_f1": f1_score(truth[known], predicted[known], average="macro", zero_division=0),
            "brier": brier_score_loss(right, confidence, pos_label=True),
            "nll": log_loss(right, confidence, labels=[False, True]),
        }
        if len(scope):
            both = np.concatenate([known, scope])
            found[name]["oos_auroc"] = roc_auc_score(table.kind[both] == ANSWERABLE, table.confidence[both])
    return found


def furthest(one: Figures, other: Figures) -> float:
    """The largest difference of a figure that both have."""
    return max(
        abs(one[name][metric] - other[name][metric])
        for name in one.keys() & other.keys()
        for metric in one[name].keys() & other[name].keys()
    )


def _texts(column: Coded) -> np.ndarray:
    """Each request's text; "" where it has none."""
    return np.array([*column.names, ""], dtype=np.object_)[column.codes]
