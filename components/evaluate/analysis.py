"""Runs TFMA, model-agnostic, over predictions, and reads its result back.

Importing this module imports TFMA (seconds).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.api import model_eval_lib
from tensorflow_model_analysis.extractors import extractor, slice_key_extractor
from tensorflow_model_analysis.proto import config_pb2

from components.evaluate.judgement import Judgement
from components.evaluate.slices import ALL, FEATURES, slice_name
from components.evaluate.tally import METRICS
from components.evaluate.tfma_metrics import JUDGEMENT, RoutingMetrics

Judge = Callable[[bytes], tuple[Judgement, dict[str, str]]]
"""A serialised prediction → its judgement and its slice features."""


def eval_config() -> config_pb2.EvalConfig:
    """The routing metrics on all requests and by each feature of `slices.FEATURES`."""
    metric = config_pb2.MetricConfig(class_name=RoutingMetrics.__name__, module=RoutingMetrics.__module__)
    return config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec()],
        metrics_specs=[config_pb2.MetricsSpec(metrics=[metric])],
        slicing_specs=[
            config_pb2.SlicingSpec(),
            *(config_pb2.SlicingSpec(feature_keys=[feature]) for feature in FEATURES),
        ],
    )


def analyse(examples: beam.PCollection, judge: Judge, output: Path) -> None:
    """Adds the evaluation of serialised predictions to their pipeline; it is there once the pipeline has run.

    Args:
        examples: PCollection of serialised `tf.Example`s with a request's and its prediction's features.
        judge: Called once an example.
        output: Folder that TFMA writes; `tfma.load_eval_result` reads it.
    """
    config = eval_config()
    extractors = [
        extractor.Extractor(stage_name="Judge", ptransform=beam.Map(_extracts, judge)),
        slice_key_extractor.SliceKeyExtractor(eval_config=config, materialize=False),
    ]
    (
        examples
        | "WrapExamples" >> beam.Map(_wrap)
        | "TFMA"
        >> model_eval_lib.ExtractEvaluateAndWriteResults(
            eval_config=config, extractors=extractors, output_path=str(output)
        )
    )


def load_slices(output: Path) -> dict[str, dict[str, float]]:
    """Metric → value by slice name, as TFMA wrote them under `output`; `all` first, then by name."""
    result = tfma.load_eval_result(str(output))
    by_name: dict[str, dict[str, float]] = {}
    for key, outputs in result.slicing_metrics:
        found = outputs.get("", {}).get("", {})
        by_name[_name(key)] = {
            metric: found[metric]["doubleValue"]
            for metric in METRICS
            if "doubleValue" in found.get(metric, {})
        }
    return dict(sorted(by_name.items(), key=lambda item: (item[0] != ALL, item[0])))


def _wrap(example: bytes) -> dict[str, Any]:
    return {constants.INPUT_KEY: example}


def _extracts(extracts: dict[str, Any], judge: Judge) -> dict[str, Any]:
    judgement, features = judge(extracts[constants.INPUT_KEY])
    arrays = {name: np.array([value.encode()]) for name, value in features.items()}
    return {constants.FEATURES_KEY: {JUDGEMENT: judgement, **arrays}}


def _name(slice_key: tuple[tuple[str, Any], ...]) -> str:
    if not slice_key:
        return ALL
    [(feature, value)] = slice_key
    return slice_name(feature, value if isinstance(value, str) else str(value))
