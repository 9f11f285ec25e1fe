"""The whole evaluation, from the files of other nodes to the evaluation and its verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.evaluate.drift import drift_of, write_drift
from components.evaluate.evaluation import Evaluation, complete, read_evaluation, write_evaluation
from components.evaluate.frames import FrameJudge, framed_skills
from components.evaluate.options import EvaluateOptions
from components.evaluate.popularity import PopularSkill, popularity_bands
from components.evaluate.reading import (
    ExampleJudge,
    read_examples,
    read_predictions,
    read_texts,
)
from components.evaluate.slices import Slicer
from components.evaluate.verdict import decide
from components.records.artifact_files import CATALOGUE, read_popularity, split_folder
from components.records.catalogue import read_catalogue
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
) -> tuple[Evaluation, Verdict]:
    """Measures the predictions of one split and judges them; writes both results.

    The metrics by slice come from TFMA, whose own result lies in the same folder as `metrics.json` and
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
    """
    import apache_beam as beam  # a cached run of the graph must not wait for these imports

    from components.evaluate.analysis import analyse, load_slices

    counts = read_popularity(popularity)
    seen = None if examples is None else read_texts(examples)
    skills = read_catalogue(catalogue / CATALOGUE)
    slicer = Slicer(skills, popularity_bands(counts), seen, options.added)
    framed = framed_skills(read_predictions(predictions, options.split))
    frames = FrameJudge({skill_id: skills.domain_of(skill_id) for skill_id in framed})
    judge = ExampleJudge(PopularSkill(counts), slicer, frames)
    files = split_folder(predictions, options.split) / "*.gz"
    with make_pipeline() as pipeline:
        analyse(pipeline | "ReadPredictions" >> beam.io.ReadFromTFRecord(str(files)), judge, evaluation)
    missing = () if examples else ("accuracy by seen_in_train: the labelled examples were not given",)
    measured = complete(
        load_slices(evaluation),
        [judge(example)[0] for example in read_examples(predictions, options.split)],
        options,
        missing=missing,
    )
    write_evaluation(evaluation, measured)
    write_drift(evaluation, drift_of(read_predictions(predictions, options.split), seen, options.drift))
    decided = decide(measured, options.thresholds, None if baseline is None else read_evaluation(baseline))
    write_verdict(verdict, decided)
    return measured, decided
