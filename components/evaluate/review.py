"""The review: one self-contained HTML page about a run, to be read, mailed and signed."""

import platform
from collections.abc import Collection, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from components.evaluate import bootstrap, f1, popularity
from components.evaluate.cards import Rows, card
from components.evaluate.charts import confidence_histogram, recall_curve, reliability_diagram
from components.evaluate.confusions import Confusion, confusions
from components.evaluate.evaluation import Evaluation, read_evaluation
from components.evaluate.judgement import judge
from components.evaluate.options import ReviewOptions
from components.evaluate.rankers import DOMAIN_FIGURES, MOST_DOMAINS, MOST_WEIGHTS, Rankers, read_rankers
from components.evaluate.reading import read_predictions
from components.evaluate.reranker_charts import LEAST
from components.evaluate.slices import ALL, FEATURES, slice_name, split_name
from components.evaluate.tally import METRICS
from components.evaluate.verdict import Verdict, read_verdict
from components.records.artifact_files import version_folder_in
from components.records.atomic import atomic_write
from components.records.semantic_errors import CONVENTIONS
from components.records.version_folder import MANIFEST

REVIEW_FILE = "review.html"
HEADLINES = (
    "top1",
    "top3",
    "top5",
    "skill_top1",
    "macro_f1",
    "ece",
    "brier",
    "semer",
    "irer",
    "popular_top1",
    "gain_over_popular",
    "false_refusals",
    "oos_rejection",
)
SLICE_COLUMNS = (
    "answerable",
    "top1",
    "top3",
    "top5",
    "skill_top1",
    "macro_f1",
    "ece",
    "brier",
    "false_refusals",
)
FRAME_COLUMNS = (
    "framed",
    "without_frame",
    "semer",
    "semer_per_request",
    "f_semer",
    "irer",
    "icer",
    "dcer",
)
FRAME_SLICES = ("domain", "turn", "new_intent")
_NOT_SHOWN = frozenset({"first_letters", "skills"})  # what customers said, and a row for every skill
_MODEL_NOT_SHOWN = frozenset({"skill_ids", "domains", "names"})
_WORST = 10
_WORST_AT_LEAST = 20
_PACKAGES = ("arbiter", "numpy", "tensorflow", "keras", "tfx", "apache-beam", "tensorflow-model-analysis")

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Cards(msgspec.Struct, frozen=True, kw_only=True):
    """What the other nodes left, as rows of name and value."""

    data: Rows = []
    training: Rows = []
    model: Rows = []
    hyprank: Rows = []


def build_review(
    *,
    evaluation: Path,
    verdict: Path,
    predictions: Path,
    dead_letters: Path,
    output: Path,
    options: ReviewOptions,
    model: Path | None = None,
    model_run: Path | None = None,
    domain_models: Path | None = None,
    hyprank: Path | None = None,
    reliability: Path | None = None,
) -> None:
    """Reads what the nodes of a run left and writes the page to `output`.

    Args:
        evaluation: Folder of `metrics.json`.
        verdict: Folder of `verdict.json`.
        predictions: Folder of the Predictions artifact.
        dead_letters: Folder of Ingest's `report.json`.
        output: The HTML file.
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
    page = render(
        read_evaluation(evaluation),
        read_verdict(verdict),
        confusions(judged, max_examples=options.max_examples, limit=options.max_confusions),
        Cards(
            data=card(dead_letters, "report.json", _NOT_SHOWN),
            training=[] if model_run is None else card(model_run, "training.json"),
            model=_model_card(model, {"options"}),  # which the training's card has
            hyprank=_model_card(hyprank),
        ),
        options,
        read_rankers(reliability, domain_models, hyprank),
    )
    atomic_write(output, page)


def render(
    evaluation: Evaluation,
    verdict: Verdict,
    confused: Sequence[Confusion],
    cards: Cards,
    options: ReviewOptions,
    rankers: Rankers = Rankers(),  # noqa: B008 (frozen)
) -> str:
    """The page. All text of the data is escaped."""
    largest = sorted(
        ((name, metrics) for name, metrics in evaluation.slices.items() if name != ALL),
        key=lambda item: (-item[1].get("requests", 0), item[0]),
    )
    worst = sorted(
        (item for item in largest if item[1].get("answerable", 0) >= _WORST_AT_LEAST),
        key=lambda item: (item[1]["top1"], item[0]),
    )
    return _ENVIRONMENT.get_template("review.html.j2").render(
        options=options,
        evaluation=evaluation,
        verdict=verdict,
        confused=confused,
        cards=cards,
        headlines=headline_rows(evaluation),
        slice_columns=SLICE_COLUMNS,
        slices=[_slice_row(name, metrics) for name, metrics in largest[: options.max_slices]],
        slices_left_out=max(0, len(largest) - options.max_slices),
        worst=[_slice_row(name, metrics) for name, metrics in worst[:_WORST]],
        worst_at_least=_WORST_AT_LEAST,
        reliability=reliability_diagram(evaluation.curves.equal_width),
        recall=recall_curve(evaluation.curves.recall),
        histogram=confidence_histogram(evaluation.curves.right, evaluation.curves.wrong),
        meanings=METRICS,
        slice_meanings=FEATURES,
        f1_policy=f1.POLICY,
        popularity_rule=popularity.RULE,
        interval_method=bootstrap.METHOD,
        rankers=rankers,
        most_domains=MOST_DOMAINS,
        most_weights=MOST_WEIGHTS,
        least_drawn=LEAST,
        domain_figures=DOMAIN_FIGURES,
        frame_columns=FRAME_COLUMNS,
        frames=_frame_rows(evaluation),
        conventions=CONVENTIONS,
        versions=_versions(),
    )


def headline_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Name, meaning, value and interval (or None) of each headline number that was measured.

    The last ones are the top-1 on requests whose text train lacks, and on those whose text it has.
    """
    rows = [
        {
            "name": name,
            "meaning": METRICS[name],
            "value": evaluation.overall[name],
            "interval": evaluation.intervals.get(name),
        }
        for name in HEADLINES
        if name in evaluation.overall
    ]
    for value, words in (("no", "lacks"), ("yes", "has")):
        seen = evaluation.slices.get(slice_name("seen_in_train", value), {})
        if "top1" in seen:
            meaning = f"top1 on the {seen['answerable']:.0f} requests whose text train {words}"
            rows.append(
                {
                    "name": f"top1, train {words} the text",
                    "meaning": meaning,
                    "value": seen["top1"],
                    "interval": None,
                }
            )
    return rows


def _frame_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """All requests, then the slices by which errors in frames are shown, of those that have any."""
    chosen = (ALL, *(n for n in sorted(evaluation.slices) if split_name(n)[0] in FRAME_SLICES))
    return [
        _slice_row(name, evaluation.slices[name])
        for name in chosen
        if "framed" in evaluation.slices.get(name, {})
    ]


def _model_card(model: Path | None, leave_out: Collection[str] = ()) -> Rows:
    return [] if model is None else card(version_folder_in(model), MANIFEST, _MODEL_NOT_SHOWN | {*leave_out})


def _slice_row(name: str, metrics: dict[str, float]) -> dict[str, Any]:
    feature, value = split_name(name)
    return {"feature": feature, "value": value, "metrics": metrics}


def _versions() -> Rows:
    found: Rows = [("python", platform.python_version())]
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found
