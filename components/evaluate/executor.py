"""The work of the Evaluator and Review nodes: from artifacts to paths, and back."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils

from components.evaluate.options import EvaluateOptions, ReviewOptions
from components.evaluate.review.dashboard import write_dashboard
from components.evaluate.review.found import read_found
from components.evaluate.review.page import REVIEW_FILE, write_review
from components.evaluate.run import evaluate
from components.records.artifacts import Artifacts, folder_of, optional_folder_of
from components.records.options import read_options


class EvaluatorExecutor(BaseBeamExecutor):
    """Runs `run.evaluate`."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        verdict = artifact_utils.get_single_instance(output_dict["verdict"])
        _, decided = evaluate(
            predictions=folder_of(input_dict, "predictions"),
            catalogue=folder_of(input_dict, "catalogue"),
            popularity=folder_of(input_dict, "popularity"),
            examples=optional_folder_of(input_dict, "examples"),
            baseline=optional_folder_of(input_dict, "baseline"),
            evaluation=folder_of(output_dict, "evaluation"),
            verdict=Path(verdict.uri),
            options=read_options(exec_properties["options"], EvaluateOptions),
            make_pipeline=self._make_beam_pipeline,
        )
        verdict.blessed = int(decided.blessed)


class ReviewExecutor(BaseExecutor):
    """Reads what the nodes left and writes the page, and what a dashboard shows beside it."""

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        folders = {name: folder_of(input_dict, name) for name, given in input_dict.items() if given}
        found = read_found(folders, read_options(exec_properties["options"], ReviewOptions))
        review = folder_of(output_dict, "review")
        write_dashboard(review, found)
        write_review(review / REVIEW_FILE, found)
