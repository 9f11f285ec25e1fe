"""The work of the Evaluator and Review nodes: from artifacts to paths, and back."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

from components.evaluate.options import EvaluateOptions, ReviewOptions
from components.evaluate.review import REVIEW_FILE, build_review
from components.evaluate.run import evaluate
from components.records.options import read_options

Artifacts = dict[str, list[Artifact]]


class EvaluatorExecutor(BaseBeamExecutor):
    """Runs `run.evaluate`."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        verdict = artifact_utils.get_single_instance(output_dict["verdict"])
        _, decided = evaluate(
            predictions=_path(input_dict, "predictions"),
            catalogue=_path(input_dict, "catalogue"),
            popularity=_path(input_dict, "popularity"),
            examples=_optional(input_dict, "examples"),
            baseline=_optional(input_dict, "baseline"),
            evaluation=_path(output_dict, "evaluation"),
            verdict=Path(verdict.uri),
            options=read_options(exec_properties["options"], EvaluateOptions),
            make_pipeline=self._make_beam_pipeline,
        )
        verdict.blessed = int(decided.blessed)


class ReviewExecutor(BaseExecutor):
    """Runs `review.build_review`."""

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        build_review(
            evaluation=_path(input_dict, "evaluation"),
            verdict=_path(input_dict, "verdict"),
            predictions=_path(input_dict, "predictions"),
            dead_letters=_path(input_dict, "dead_letters"),
            model=_path(input_dict, "model"),
            model_run=_path(input_dict, "model_run"),
            output=_path(output_dict, "review") / REVIEW_FILE,
            options=read_options(exec_properties["options"], ReviewOptions),
        )


def _path(artifacts: Artifacts, name: str) -> Path:
    return Path(artifact_utils.get_single_uri(artifacts[name]))


def _optional(artifacts: Artifacts, name: str) -> Path | None:
    return _path(artifacts, name) if artifacts.get(name) else None
