"""The work of the Evaluator and Review nodes: from artifacts to paths, and back."""

from pathlib import Path
from typing import Any

import msgspec
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils

from components.evaluate.evaluation import read_evaluation
from components.evaluate.options import EvaluateOptions, ReviewOptions
from components.evaluate.review.dashboard import write_dashboard
from components.evaluate.review.found import read_found
from components.evaluate.review.page import REVIEW_FILE, write_review
from components.evaluate.run import evaluate, nothing_measured
from components.evaluate.verdict import Round, settle
from components.records.artifacts import Artifacts, folder_of, optional_folder_of
from components.records.link_tree import link_tree
from components.records.options import read_options
from components.records.ranked_system import read_system
from components.records.verdict import Verdict, read_verdict, write_verdict


class EvaluatorExecutor(BaseBeamExecutor):
    """Runs `run.evaluate`, or takes what an earlier judgement left. See `Evaluator` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        predictions = folder_of(input_dict, "predictions")
        evaluation, verdict = folder_of(output_dict, "evaluation"), folder_of(output_dict, "verdict")
        options = read_options(exec_properties["options"], EvaluateOptions)
        asked = read_system(predictions)
        judged = Round(
            candidates=asked.candidates,
            final=bool(exec_properties["final"]),
            earlier=_earlier_verdict(input_dict),
            forced=exec_properties["forced"] or None,
        )
        if judged.earlier is not None and asked == read_system(folder_of(input_dict, "earlier")):
            link_tree(folder_of(input_dict, "earlier_evaluation"), evaluation)
            decided = settle(judged.earlier, judged)
            write_verdict(verdict, decided)
        elif not (asked.candidates or asked.in_service):
            decided = nothing_measured(evaluation, verdict, options)
        else:
            added = read_options(exec_properties["added"], tuple[str, ...], name="added")
            _, decided = evaluate(
                predictions=predictions,
                catalogue=folder_of(input_dict, "catalogue"),
                popularity=folder_of(input_dict, "popularity"),
                examples=optional_folder_of(input_dict, "examples"),
                baseline=_baseline(input_dict),
                evaluation=evaluation,
                verdict=verdict,
                options=msgspec.structs.replace(options, added=(*options.added, *added)),
                make_pipeline=self._make_beam_pipeline,
                judgement=judged,
            )
        made = artifact_utils.get_single_instance(output_dict["verdict"])
        made.blessed = int(decided.blessed)
        for model in decided.models:
            made.set_int_custom_property(f"blessed.{model.model}", int(model.blessed))
        if decided.forced:
            made.set_string_custom_property("forced", decided.forced)


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


def _earlier_verdict(artifacts: Artifacts) -> Verdict | None:
    folder = optional_folder_of(artifacts, "earlier_verdict")
    return None if folder is None else read_verdict(folder)


def _baseline(artifacts: Artifacts) -> Path | None:
    """The evaluation to compare with; None where nothing was in service that could be measured."""
    folder = optional_folder_of(artifacts, "baseline")
    return folder if folder is not None and read_evaluation(folder).slices else None
