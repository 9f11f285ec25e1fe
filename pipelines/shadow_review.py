"""The review of a shadow: the page that a run's review is, made from live requests that it was asked."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.evaluate.options import EvaluateOptions, ReviewOptions, Thresholds
from components.evaluate.review.found import read_found
from components.evaluate.review.page import write_review
from components.evaluate.run import evaluate
from components.evaluate.verdict import Round
from components.records.examples import encode, labelled_values, prediction_values
from components.records.label import Label, LabelledRequest
from components.records.prediction import Prediction
from components.records.shortlister_signature import SHORTLISTER
from components.records.tfrecord import write_records
from components.router.service.feedback.journal import Line
from pipelines.errors import CommandError
from pipelines.in_service import in_service
from pipelines.rollout import RolloutReport, live_lines
from pipelines.workspace import Workspace

_SPLIT = "test"
_BEAM = ("--runner=FnApiRunner", "--direct_running_mode=in_memory")
_THRESHOLDS = Thresholds(min_gain_over_popular=None, max_ece=None, max_false_refusals=None)
"""What changes is shown against what was served; nothing else is asked of live requests."""
_BIAS = (
    "Feedback is on the answer that was served; what the shadow would have done otherwise nobody tried. "
    "Where the served skill handled the request, another choice of the shadow counts as wrong, though it "
    "might have served too; where the served skill failed, the request is in no accuracy figure. So the "
    "figures measure the shadow too low, and what was served too high; slices show where the two differ, not "
    "by how much one is better. Requests that came too fast to be shadowed, and those without feedback, are "
    "missing."
)


def shadow_review(workspace: Workspace, report: RolloutReport) -> Path:
    """Writes the page into the reports and returns its path.

    Args:
        report: Of the rollout, whose newest stage is a shadow.

    Raises:
        CommandError: It is no shadow, nothing is known of its requests yet, or the metadata does not know
            what is in service.
    """
    if report.shadow is None:
        raise CommandError("Only a shadow has a page.", "A canary's figures: arbiter rollout WORK")
    lines = [line for line in live_lines(workspace, report.rollout) if _is_judged(line)]
    if not lines:
        raise CommandError("No feedback yet on a request that the shadow was asked.", "Wait for some.")
    base = in_service(workspace, SHORTLISTER)
    folders = {"catalogue": Path(base.catalogue), "popularity": Path(base.popularity)}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        baseline: Path | None = None
        for arm in ("served", "shadow"):
            write_predictions(place / arm / "predictions", lines, arm)
            evaluate(
                predictions=place / arm / "predictions",
                **folders,
                examples=None,
                baseline=baseline,
                evaluation=place / arm / "evaluation",
                verdict=place / arm / "verdict",
                options=EvaluateOptions(split=_SPLIT, thresholds=_THRESHOLDS),
                make_pipeline=_pipeline,
                judgement=Round(candidates=tuple(report.rollout.models)),
            )
            baseline = place / arm / "evaluation"
        options = ReviewOptions(
            title="Shadow on live traffic",
            split=_SPLIT,
            max_examples=0,
            command="arbiter rollout WORK --review",
        )
        shown = {name: place / "shadow" / name for name in ("evaluation", "verdict", "predictions")}
        preface = (f"Not a gate: {report.words}.", report.shadow.words, _BIAS)
        found = read_found({**shown, "dead_letters": Path(base.dead_letters)}, options, preface=preface)
        page = workspace.reports / f"shadow-{report.rollout.id}.html"
        write_review(page, found)
    return page


def write_predictions(folder: Path, lines: Sequence[Line], arm: str) -> None:
    """What one of the two answered, as a Predictions artifact.

    Args:
        arm: `served` or `shadow`.
    """
    path = folder / f"Split-{_SPLIT}" / "predictions-00000-of-00001.gz"
    path.parent.mkdir(parents=True)
    write_records(
        path,
        (
            encode(labelled_values(labelled) | prediction_values(said))
            for labelled, said in _answers(lines, arm)
        ),
    )


def _answers(lines: Sequence[Line], arm: str) -> Iterator[tuple[LabelledRequest, Prediction]]:
    for line in lines:
        said: Prediction = getattr(line.live, arm)
        record = line.record
        known = record.skill_id if record.correct_skills else None
        label = Label(
            text=record.utterance,
            skill_id=known,
            source="none" if known is None else "annotated",
            rule="feedback",
        )
        yield LabelledRequest(request=record, label=label), said


def _is_judged(line: Line) -> bool:
    """Whether the shadow was asked, and something is known of what is right."""
    asked = line.live is not None and line.live.served is not None and line.live.shadow is not None
    return asked and bool(line.record.correct_skills or line.record.outcome == "out_of_scope")


def _pipeline() -> object:
    import apache_beam as beam

    return beam.Pipeline(argv=list(_BEAM))
