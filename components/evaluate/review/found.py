"""Everything that a run left and the page is made of."""

from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from components.evaluate.drift import read_drift
from components.evaluate.evaluation import Evaluation, read_evaluation
from components.evaluate.judgement import judge
from components.evaluate.options import ReviewOptions
from components.evaluate.reading import read_predictions
from components.evaluate.review.cards import Rows, card
from components.evaluate.review.confusions import Confusion, confusions
from components.evaluate.review.rankers import Rankers, read_rankers
from components.records.artifact_files import version_folder_in
from components.records.drift import Drift
from components.records.verdict import Verdict, read_verdict
from components.records.version_folder import MANIFEST

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
        cards: Of data and models.
        rankers: Domain models, re-rankers, HypRank.
        drift: The measured requests week by week.
    """

    evaluation: Evaluation
    verdict: Verdict
    options: ReviewOptions = ReviewOptions()
    confused: Sequence[Confusion] = ()
    cards: Cards = Cards()
    rankers: Rankers = Rankers()
    drift: Drift = Drift(weeks=())


def read_found(
    *,
    evaluation: Path,
    verdict: Path,
    predictions: Path,
    dead_letters: Path,
    options: ReviewOptions,
    model: Path | None = None,
    model_run: Path | None = None,
    domain_models: Path | None = None,
    hyprank: Path | None = None,
    reliability: Path | None = None,
) -> Found:
    """Reads what the nodes of a run left.

    Args:
        evaluation: Folder of `metrics.json` and `drift.json`.
        verdict: Folder of `verdict.json`.
        predictions: Folder of the Predictions artifact.
        dead_letters: Folder of Ingest's `report.json`.
        options: What to show.
        model: Folder of the Shortlister's Model artifact; None: a run without. So are those below.
        model_run: Folder of its `training.json`.
        domain_models: Folder of the DomainModels artifact.
        hyprank: Folder of HypRank's Model artifact.
        reliability: Folder of the re-rankers' `reliability.json`.
    """
    judged = (
        (labelled, judge(labelled, prediction))
        for labelled, prediction in read_predictions(predictions, options.split)
    )
    return Found(
        evaluation=read_evaluation(evaluation),
        verdict=read_verdict(verdict),
        options=options,
        confused=confusions(judged, max_examples=options.max_examples, limit=options.max_confusions),
        cards=Cards(
            data=card(dead_letters, "report.json", _NOT_SHOWN),
            training=[] if model_run is None else card(model_run, "training.json"),
            model=_model_card(model, {"options"}),  # which the training's card has
            hyprank=_model_card(hyprank),
        ),
        rankers=read_rankers(reliability, domain_models, hyprank),
        drift=read_drift(evaluation),
    )


def _model_card(model: Path | None, leave_out: Collection[str] = ()) -> Rows:
    return [] if model is None else card(version_folder_in(model), MANIFEST, _MODEL_NOT_SHOWN | {*leave_out})
