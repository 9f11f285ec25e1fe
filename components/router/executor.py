"""The work of `Rank` and `Hypothesize`: artifacts in, a pure function on Beam, artifact out."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_beam_executor

from components.records.artifacts import Artifacts, candidates_of, folder_of, optional_folder_of
from components.records.link_tree import link_tree
from components.records.model_set import read_versions, system_folders
from components.records.options import read_options
from components.records.ranked_system import RankedSystem, read_system, without, write_system
from components.records.serving_cost import write_serving_cost
from components.records.verdict import read_verdict
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
        out = folder_of(output_dict, "predictions")
        earlier = optional_folder_of(input_dict, "earlier")
        system = _system(input_dict, exec_properties)
        if earlier is not None and system in (None, read_system(earlier)):
            link_tree(earlier, out)
            return
        write_system(out, system or RankedSystem())
        if system is None or not (system.candidates or system.in_service):
            return
        made = candidates_of(input_dict)
        folders = system_folders(
            {model: made[model] for model in system.candidates},
            Path(exec_properties["serving_dir"]),
            system.in_service,
        )
        examples = folder_of(input_dict, "examples")
        with self._make_beam_pipeline() as pipeline:
            rank(pipeline, examples, folders, out, splits=options.splits, top=options.top)
        if options.cost_sample:
            split, count = options.splits[-1], options.cost_sample
            cost = measure(examples, folders, split=split, requests=count, top=options.top)
            if cost is not None:
                write_serving_cost(out, cost)


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


def _system(artifacts: Artifacts, properties: dict[str, Any]) -> RankedSystem | None:
    """What `Rank` asks; None where the verdict that it is given leaves nothing to ask."""
    candidates, versions = candidates_of(artifacts), read_versions(properties["in_service"])
    verdict = optional_folder_of(artifacts, "verdict")
    refused = [] if verdict is None else [model.model for model in read_verdict(verdict).held_back]
    if refused:
        return without(candidates, refused, Path(properties["serving_dir"]), versions)
    return RankedSystem(candidates=tuple(candidates), in_service={} if verdict else versions)


def _folders(artifacts: Artifacts, properties: dict[str, Any]) -> dict[str, Path]:
    """The models that the node asks: those in service, and its candidates in their place."""
    return system_folders(
        candidates_of(artifacts), Path(properties["serving_dir"]), read_versions(properties["in_service"])
    )
