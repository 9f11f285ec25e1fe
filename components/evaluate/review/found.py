"""Everything that a run left and the page is made of."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from components.evaluate.drift import read_drift
from components.evaluate.evaluation import Evaluation, read_evaluation
from components.evaluate.judgement import judge
from components.evaluate.options import ReviewOptions
from components.evaluate.reading import read_predictions
from components.evaluate.review.cards import Rows, card, content
from components.evaluate.review.confusions import Confusion, Mistakes
from components.evaluate.review.loop import Loop, read_loop
from components.evaluate.review.model_rows import ModelRow, model_rows
from components.evaluate.review.overlaps import Overlaps, overlaps
from components.evaluate.review.rankers import Rankers, read_rankers
from components.records.artifact_files import VERDICT, version_folder_in
from components.records.drift import Drift
from components.records.serving_cost import ServingCost, read_serving_cost
from components.records.verdict import Verdict, read_verdict
from components.records.version_folder import MANIFEST

_INGESTED = "report.json"
_NOT_SHOWN = frozenset({"first_letters", "skills"})  # what customers said, and a row for every skill
_MODEL_NOT_SHOWN = frozenset({"skill_ids", "domains", "names"})


class Cards(msgspec.Struct, frozen=True, kw_only=True):
    """What the other nodes left, as rows of name and value."""

    data: Rows = []
    training: Rows = []
    model: Rows = []
    hyprank: Rows = []


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was read; a part that the run does not have is empty.

    Attributes:
        evaluation: What was measured.
        verdict: What was decided.
        options: What to show.
        confused: Skills that were mistaken for another, the most frequent first.
        overlaps: Of them, those that take from each other.
        ingest: Ingest's `report.json`.
        gate: The data gate's `verdict.json`.
        loop: What the learning loop did.
        models: Sizes and trainings.
        cards: Everything else of data and models.
        rankers: Domain models, re-rankers, HypRank.
        drift: The measured requests week by week.
        cost: A sample of serving.
        preface: Paragraphs before the verdict, where the requests are no test split's.
    """

    evaluation: Evaluation
    verdict: Verdict
    options: ReviewOptions = ReviewOptions()
    confused: Sequence[Confusion] = ()
    overlaps: Overlaps = Overlaps()
    ingest: dict[str, Any] = {}
    gate: dict[str, Any] = {}
    loop: Loop = Loop()
    models: tuple[ModelRow, ...] = ()
    cards: Cards = Cards()
    rankers: Rankers = Rankers()
    drift: Drift = Drift(weeks=())
    cost: ServingCost | None = None
    preface: tuple[str, ...] = ()


def read_found(
    folders: Mapping[str, Path], options: ReviewOptions, *, preface: tuple[str, ...] = ()
) -> Found:
    """Reads what the nodes of a run left.

    Args:
        folders: The artifacts by the name of the node's input. `evaluation`, `verdict`, `predictions` and
            `dead_letters` are needed; of the others the page shows what there is.
        options: What to show.
        preface: Paragraphs before the verdict.
    """
    judged = (
        (labelled, judge(labelled, prediction))
        for labelled, prediction in read_predictions(folders["predictions"], options.split)
    )
    mistakes = Mistakes(judged, max_examples=options.max_examples)
    return Found(
        evaluation=read_evaluation(folders["evaluation"]),
        verdict=read_verdict(folders["verdict"]),
        options=options,
        confused=mistakes.confusions(options.max_confusions),
        overlaps=overlaps(mistakes, max_skills=options.max_overlaps),
        ingest=content(folders["dead_letters"], _INGESTED),
        gate=content(folders.get("gate"), VERDICT),
        loop=read_loop(folders),
        models=model_rows(folders),
        cards=Cards(
            data=card(folders["dead_letters"], _INGESTED, _NOT_SHOWN),
            training=card(folders["model_run"], "training.json") if "model_run" in folders else [],
            model=_model_card(folders.get("model"), {"options"}),  # which the training's card has
            hyprank=_model_card(folders.get("hyprank")),
        ),
        rankers=read_rankers(
            folders.get("reliability"), folders.get("domain_models"), folders.get("hyprank")
        ),
        cost=read_serving_cost(folders["predictions"]),
        drift=read_drift(folders["evaluation"]),
        preface=preface,
    )


def _model_card(model: Path | None, leave_out: Collection[str] = ()) -> Rows:
    return [] if model is None else card(version_folder_in(model), MANIFEST, _MODEL_NOT_SHOWN | {*leave_out})
