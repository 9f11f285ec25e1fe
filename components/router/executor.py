"""The work of `Rank` and `Hypothesize`: artifacts in, a pure function on Beam, artifact out."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_beam_executor

from components.records.artifacts import Artifacts, candidates_of, folder_of
from components.records.model_set import read_versions, system_folders
from components.records.options import read_options
from components.records.serving_cost import write_serving_cost
from components.router.hypothesize_batch import hypothesize_splits
from components.router.options import HypothesizeOptions, RankOptions
from components.router.rank import rank
from components.router.serving_cost import measure


class Executor(base_beam_executor.BaseBeamExecutor):
    """Predicts the splits and measures what an answer costs. See `Rank` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        options = read_options(exec_properties["options"], RankOptions)
        examples, folders = folder_of(input_dict, "examples"), _folders(input_dict, exec_properties)
        predictions = folder_of(output_dict, "predictions")
        with self._make_beam_pipeline() as pipeline:
            rank(pipeline, examples, folders, predictions, splits=options.splits, top=options.top)
        if options.cost_sample:
            split, count = options.splits[-1], options.cost_sample
            cost = measure(examples, folders, split=split, requests=count, top=options.top)
            if cost is not None:
                write_serving_cost(predictions, cost)


class HypothesizeExecutor(base_beam_executor.BaseBeamExecutor):
    """Makes the hypothesis lists. See `Hypothesize` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        options = read_options(exec_properties["options"], HypothesizeOptions)
        with self._make_beam_pipeline() as pipeline:
            hypothesize_splits(
                pipeline,
                folder_of(input_dict, "examples"),
                _folders(input_dict, exec_properties),
                folder_of(output_dict, "hypotheses"),
                splits=options.splits,
                k=options.k,
            )


def _folders(artifacts: Artifacts, properties: dict[str, Any]) -> dict[str, Path]:
    """The models that the node asks: those in service, and its candidates in their place."""
    return system_folders(
        candidates_of(artifacts), Path(properties["serving_dir"]), read_versions(properties["in_service"])
    )
