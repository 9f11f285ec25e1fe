"""Runs TFMA, model-agnostic, over judgements, and reads its result back.

Importing this module imports TFMA (seconds).
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import apache_beam as beam
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.api import model_eval_lib
from tensorflow_model_analysis.extractors import extractor
from tensorflow_model_analysis.extractors.slice_key_extractor import SLICE_KEY_EXTRACTOR_STAGE_NAME
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.slicer import slicer_lib

from components.evaluate.metrics import PRECISIONS, meanings
from components.evaluate.slices import ALL, cross_name, split_name
from components.evaluate.slicing import Rows
from components.evaluate.table import Table, read_table
from components.evaluate.tally import tally
from components.evaluate.tfma_metrics import TALLY, RoutingMetrics

_SHARD = 65_536
"""Requests that are counted at once."""


def eval_config(slices: Sequence[str], precisions: Sequence[float] = PRECISIONS) -> config_pb2.EvalConfig:
    """The routing metrics on slices of these names."""
    metric = config_pb2.MetricConfig(
        class_name=RoutingMetrics.__name__,
        module=RoutingMetrics.__module__,
        config=json.dumps({"precisions": list(precisions)}),
    )
    features = sorted({tuple(split_name(name)) for name in slices})
    return config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec()],
        metrics_specs=[config_pb2.MetricsSpec(metrics=[metric])],
        slicing_specs=[config_pb2.SlicingSpec(feature_keys=keys) for keys in features],
    )


def analyse(
    pipeline: Any, output: Path, slices: Mapping[str, Rows], precisions: Sequence[float] = PRECISIONS
) -> None:
    """Adds the evaluation of a table to a pipeline; its result is there once the pipeline has run.

    TFMA slices and counts request by request, in Python; a metric of its own for 300 slices takes minutes.
    Here a worker counts a shard of requests at once for each slice that they are in, and TFMA merges the
    counts: what passes through it is an element a shard and slice.

    Args:
        pipeline: A Beam pipeline, or a PBegin.
        output: Holds the table; TFMA writes there, and `tfma.load_eval_result` reads it.
        slices: Rows of the table by slice name.
        precisions: Those that coverage is measured at.
    """
    shards = [
        {constants.INPUT_KEY: (name, rows[start : start + _SHARD])}
        for name, rows in slices.items()
        for start in range(0, max(len(rows), 1), _SHARD)
    ]
    count = extractor.Extractor(SLICE_KEY_EXTRACTOR_STAGE_NAME, beam.Map(_extracts, output))
    (
        pipeline
        | "Shards" >> beam.Create(shards)
        | "TFMA"
        >> model_eval_lib.ExtractEvaluateAndWriteResults(
            eval_config=eval_config(list(slices), precisions), extractors=[count], output_path=str(output)
        )
    )


def load_slices(output: Path, precisions: Sequence[float] = PRECISIONS) -> dict[str, dict[str, float]]:
    """Metric → value by slice name, as TFMA wrote them under `output`; `all` first, then by name."""
    result = tfma.load_eval_result(str(output))
    by_name: dict[str, dict[str, float]] = {}
    for key, outputs in result.slicing_metrics:
        found = outputs.get("", {}).get("", {})
        by_name[cross_name({feature: str(value) for feature, value in key})] = {
            metric: found[metric]["doubleValue"]
            for metric in meanings(precisions)
            if "doubleValue" in found.get(metric, {})
        }
    return dict(sorted(by_name.items(), key=lambda item: (item[0] != ALL, item[0])))


@lru_cache(maxsize=1)
def _table(folder: Path) -> Table:
    return read_table(folder)


def _extracts(shard: dict[str, Any], folder: Path) -> dict[str, Any]:
    name, rows = shard[constants.INPUT_KEY]
    key = tuple(split_name(name).items())
    return {
        constants.FEATURES_KEY: {TALLY: tally(_table(folder).take(rows))},
        constants.SLICE_KEY_TYPES_KEY: slicer_lib.slice_keys_to_numpy_array([key]),
    }
