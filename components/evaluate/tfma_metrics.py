"""The routing metrics as one TFMA metric: a combiner of tallies, no class is binarised.

Importing this module imports TFMA (seconds); `tally` has the same numbers without it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.proto import metrics_for_slice_pb2

from components.evaluate.metrics import PRECISIONS, meanings
from components.evaluate.tally import Tally
from components.records import calibration

TALLY = "tally"
"""The feature of an extract that holds the `Tally` of some requests of a slice."""


class RoutingMetrics(metric_types.Metric):
    """Every metric of `tally`, and a calibration plot, for extracts whose features hold a `Tally`.

    In an EvalConfig: `MetricConfig(class_name="RoutingMetrics", module="components.evaluate.tfma_metrics")`.
    A metric that has nothing to be computed on in a slice is left out of that slice.

    Args:
        precisions: Those that coverage is measured at.
    """

    def __init__(self, name: str = "routing", precisions: Sequence[float] = PRECISIONS) -> None:
        super().__init__(_computations, name=name, precisions=tuple(precisions))


metric_types.register_metric(RoutingMetrics)


def _computations(
    name: str = "routing",
    precisions: tuple[float, ...] = PRECISIONS,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> list[metric_types.MetricComputation]:
    return [
        metric_types.MetricComputation(
            keys=[
                *(_key(metric, model, output) for metric in meanings(precisions)),
                _plot_key(model, output),
            ],
            preprocessors=[TallyPreprocessor(name=f"{name}_tally")],
            combiner=RoutingCombiner(model, output, precisions),
        )
        for model in model_names or [""]
        for output in output_names or [""]
    ]


def _key(metric: str, model: str, output: str) -> metric_types.MetricKey:
    return metric_types.MetricKey(name=metric, model_name=model, output_name=output)


def _plot_key(model: str, output: str) -> metric_types.PlotKey:
    return metric_types.PlotKey(name="calibration_plot", model_name=model, output_name=output)


class TallyPreprocessor(metric_types.Preprocessor):
    """Keeps of an extract what the combiner needs, before it is copied to its slices."""

    def process(self, extracts: dict[str, Any]) -> Iterator[Tally]:
        yield extracts[constants.FEATURES_KEY][TALLY]


class RoutingCombiner(beam.CombineFn):  # Beam has no types
    """Tallies of parts of a slice → its metrics and its plot."""

    def __init__(
        self, model_name: str = "", output_name: str = "", precisions: tuple[float, ...] = PRECISIONS
    ) -> None:
        self._model = model_name
        self._output = output_name
        self._precisions = precisions

    def create_accumulator(self) -> Tally:
        return Tally()

    def add_input(self, accumulator: Tally, element: Tally) -> Tally:
        accumulator.merge(element)
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Tally]) -> Tally:
        result = Tally()
        for accumulator in accumulators:
            result.merge(accumulator)
        return result

    def extract_output(self, accumulator: Tally) -> dict[metric_types.MetricKey, Any]:
        metrics = accumulator.metrics(self._precisions)
        return {
            **{_key(metric, self._model, self._output): float(value) for metric, value in metrics.items()},
            _plot_key(self._model, self._output): _plot(accumulator),
        }


def _plot(tally: Tally) -> metrics_for_slice_pb2.CalibrationHistogramBuckets:
    """The reliability diagram's bins; a confidence on an edge is in the bin below it, as in `calibration`."""
    confidence, right = tally.answers
    bin_of = calibration.equal_width(confidence)
    edges = np.linspace(0.0, 1.0, calibration.BINS + 1).tolist()
    count, confidences, rights = (
        np.bincount(bin_of, weights, calibration.BINS).tolist() for weights in (None, confidence, right)
    )
    plot = metrics_for_slice_pb2.CalibrationHistogramBuckets()
    for b in range(calibration.BINS):
        plot.buckets.add(
            lower_threshold_inclusive=edges[b],
            upper_threshold_exclusive=edges[b + 1],
            num_weighted_examples={"value": count[b]},
            total_weighted_label={"value": rights[b]},
            total_weighted_refined_prediction={"value": confidences[b]},
        )
    return plot
