"""The whole evaluation, from the files of other nodes to the evaluation and its verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.evaluate.drift import drift_of, write_drift
from components.evaluate.evaluation import Evaluation, complete, read_evaluation, write_evaluation
from components.evaluate.frames import FrameJudge
from components.evaluate.options import EvaluateOptions
from components.evaluate.popularity import PopularSkill, popularity_bands
from components.evaluate.reading import Judging, read_predictions, read_texts
from components.evaluate.slices import Slicer
from components.evaluate.slicing import slices_of
from components.evaluate.table import Table, write_table
from components.evaluate.verdict import Round, decide
from components.records.artifact_files import CATALOGUE, read_popularity
from components.records.catalogue import read_catalogue
from components.records.drift import Drift
from components.records.verdict import Verdict, write_verdict


def evaluate(
    *,
    predictions: Path,
    catalogue: Path,
    popularity: Path,
    examples: Path | None,
    baseline: Path | None,
    evaluation: Path,
    verdict: Path,
    options: EvaluateOptions,
    make_pipeline: Callable[[], Any],
    judgement: Round = Round(),  # noqa: B008 (frozen)
) -> tuple[Evaluation, Verdict]:
    """Measures the predictions of one split and judges them; writes both results.

    Every prediction is read and judged once. The metrics by slice come from TFMA, which counts the
    judgements; its own result lies in the same folder as `metrics.json`, `judgements.parquet` and
    `drift.json`.

    Args:
        predictions: Folder of the Predictions artifact.
        catalogue: Folder of the catalogue.
        popularity: Folder of the skill counts.
        examples: Folder of the labelled examples, for `seen_in_train`; None: not sliced by that.
        baseline: Folder of another evaluation to compare with.
        evaluation: Folder to write the evaluation to.
        verdict: Folder to write the verdict to.
        options: What to measure and what it must reach.
        make_pipeline: Makes the Beam pipeline to run TFMA on.
        judgement: What it is part of.
    """
    # A cached run of the graph must not wait for this import of TFMA.
    from components.evaluate.analysis import analyse, load_slices

    table, drift = judged(predictions, catalogue, popularity, examples, options)
    write_drift(evaluation, drift)
    crosses = (*options.crosses, *([("added", "domain")] if options.added else []))  # the gate reads these
    slices = slices_of(table, crosses=crosses, least=options.min_slice)
    write_table(evaluation, table)
    with make_pipeline() as pipeline:
        analyse(pipeline, evaluation, slices.rows, options.precisions)
    missing = () if examples else ("accuracy by seen_in_train: the labelled examples were not given",)
    measured = complete(
        load_slices(evaluation, options.precisions),
        table,
        slices,
        options,
        baseline=baseline,
        missing=missing,
    )
    write_evaluation(evaluation, measured)
    before = None if baseline is None else read_evaluation(baseline)
    decided = decide(measured, options.thresholds, before, judgement)
    write_verdict(verdict, decided)
    return measured, decided


def judged(
    predictions: Path, catalogue: Path, popularity: Path, examples: Path | None, options: EvaluateOptions
) -> tuple[Table, Drift]:
    """The judgements of the measured split, and its drift, from one pass. Arguments as `evaluate`."""
    counts = read_popularity(popularity)
    seen = None if examples is None else read_texts(examples)
    skills = read_catalogue(catalogue / CATALOGUE)
    slicer = Slicer(skills, popularity_bands(counts), seen, options.added)
    frames = FrameJudge({skill.skill_id: skill.domain for skill in skills})
    judging = Judging(PopularSkill(counts), slicer, frames)
    passing = judging.judged(read_predictions(predictions, options.split))
    drift = drift_of(passing, seen, options.drift)
    return judging.table(), drift


def nothing_measured(evaluation: Path, verdict: Path, options: EvaluateOptions) -> Verdict:
    """The results where no model was asked, as of what is in service before the first push."""
    measured = Evaluation(
        split=options.split, slices={}, missing=("every figure: there was no model to ask",)
    )
    write_evaluation(evaluation, measured)
    decided = decide(measured, options.thresholds)
    write_verdict(verdict, decided)
    return decided
