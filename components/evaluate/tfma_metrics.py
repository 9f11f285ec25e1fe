"""The routing metrics as one TFMA metric: a combiner over array-valued predictions, no class is binarised.

Importing this module imports TFMA (seconds); `tally` has the same numbers without it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.metrics import metric_types

from components.evaluate.judgement import Judgement
from components.evaluate.tally import METRICS, Tally

JUDGEMENT = "judgement"
"""The feature of an extract that holds the request's `Judgement`."""


class RoutingMetrics(metric_types.Metric):
    """Every metric of `tally.METRICS`, for extracts whose features hold a `Judgement`.

    In an EvalConfig: `MetricConfig(class_name="RoutingMetrics", module="components.evaluate.tfma_metrics")`.
    A metric that has nothing to be computed on in a slice is left out of that slice.
    """

    def __init__(self, name: str = "routing") -> None:
        super().__init__(_computations, name=name)


metric_types.register_metric(RoutingMetrics)


def _computations(
    name: str = "routing", model_names: list[str] | None = None, output_names: list[str] | None = None
) -> list[metric_types.MetricComputation]:
    return [
        metric_types.MetricComputation(
            keys=[_key(metric, model, output) for metric in METRICS],
            preprocessors=[JudgementPreprocessor(name=f"{name}_judgement")],
            combiner=RoutingCombiner(model, output),
        )
        for model in model_names or [""]
        for output in output_names or [""]
    ]


def _key(metric: str, model: str, output: str) -> metric_types.MetricKey:
    return metric_types.MetricKey(name=metric, model_name=model, output_name=output)


class JudgementPreprocessor(metric_types.Preprocessor):
    """Keeps of an extract what the combiner needs, before it is copied to its slices."""

    def process(self, extracts: dict[str, Any]) -> Iterator[Judgement]:
        yield extracts[constants.FEATURES_KEY][JUDGEMENT]


class RoutingCombiner(beam.CombineFn):  # Beam has no types
    """Judgements → the metrics of one slice, by a `Tally`."""

    def __init__(self, model_name: str = "", output_name: str = "") -> None:
        self._model = model_name
        self._output = output_name

    def create_accumulator(self) -> Tally:
        return Tally()

    def add_input(self, accumulator: Tally, element: Judgement) -> Tally:
        accumulator.add(element)
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Tally]) -> Tally:
        result = Tally()
        for accumulator in accumulators:
            result.merge(accumulator)
        return result

    def extract_output(self, accumulator: Tally) -> dict[metric_types.MetricKey, float]:
        return {
            _key(metric, self._model, self._output): float(value)
            for metric, value in accumulator.metrics().items()
        }
