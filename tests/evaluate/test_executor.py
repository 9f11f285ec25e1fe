"""The nodes on small artifacts made by hand; TFMA's numbers against those of the pure accumulator."""

import json
from pathlib import Path

import pytest
from tfx.types import standard_artifacts
from tfx.types.channel_utils import as_channel

from components.evaluate.component import Evaluator, Review
from components.evaluate.evaluation import compare_folders, read_evaluation
from components.evaluate.executor import EvaluatorExecutor, ReviewExecutor
from components.evaluate.frames import FrameJudge
from components.evaluate.judgement import UNLABELLED, judge
from components.evaluate.popularity import PopularSkill, popularity_bands
from components.evaluate.reading import read_predictions, read_texts
from components.evaluate.review.dashboard import read_dashboard
from components.evaluate.slices import FEATURES, Slicer, cross_name, slice_name, split_name
from components.evaluate.slicing import slices_of
from components.evaluate.summary import summary
from components.evaluate.table import read_table, table_of
from components.evaluate.tally import tally
from components.records import artifacts
from components.records.catalogue import read_catalogue
from components.records.reliability import write_reliability
from components.records.verdict import read_verdict
from tests.evaluate.review.test_rankers import reliability
from tests.evaluate.world import COUNTS, HOSTILE, SKILLS, write_world

BEAM = ["--runner=FnApiRunner", "--direct_num_workers=1", "--sdk_container_image=none"]
TYPES = {
    "predictions": artifacts.Predictions,
    "catalogue": artifacts.CatalogueArtifact,
    "popularity": artifacts.SkillCounts,
    "examples": standard_artifacts.Examples,
    "baseline": standard_artifacts.ModelEvaluation,
    "dead_letters": artifacts.DeadLetters,
    "model": standard_artifacts.Model,
    "model_run": standard_artifacts.ModelRun,
    "hyprank": standard_artifacts.Model,
    "domain_models": artifacts.DomainModels,
    "reliability": artifacts.ReliabilityArtifact,
    "evaluation": standard_artifacts.ModelEvaluation,
    "verdict": artifacts.Verdict,
    "review": artifacts.Review,
    "gate": artifacts.Verdict,
    "pseudo_labels": artifacts.PseudoLabels,
}


def artifact(name: str, path: Path):
    made = TYPES[name]()
    made.uri = str(path)
    return made


def run_evaluator(paths: dict[str, Path], inputs: tuple[str, ...], output: Path, options: str = "{}"):
    outputs = {name: output / name for name in ("evaluation", "verdict")}
    for path in outputs.values():
        path.mkdir(parents=True)
    made = {name: [artifact(name, path)] for name, path in outputs.items()}
    context = EvaluatorExecutor.Context(beam_pipeline_args=BEAM, tmp_dir=str(output), unique_id="1")
    properties = {"options": options, "added": "[]", "final": 1, "forced": ""}
    EvaluatorExecutor(context).Do({name: [artifact(name, paths[name])] for name in inputs}, made, properties)
    return {**paths, **outputs}, made["verdict"][0]


CROSSES = [("domain", "device"), ("predicted_domain", "domain")]
OPTIONS = json.dumps({"crosses": CROSSES, "precisions": [0.9, 0.95]})


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    root = tmp_path_factory.mktemp("evaluated")
    paths = write_world(root / "in", 401, skill=0.8)
    names = ("predictions", "catalogue", "popularity", "examples")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("components.evaluate.analysis._SHARD", 97)  # so that TFMA has counts to merge
        return run_evaluator(paths, names, root / "out", OPTIONS)


def expected_slices(paths, features):
    """Every slice's metrics, from a tally of the requests that a plain loop finds in it."""
    catalogue = read_catalogue(paths["catalogue"] / "catalogue.jsonl")
    slicer = Slicer(catalogue, popularity_bands(COUNTS), read_texts(paths["examples"]))
    popular = PopularSkill(COUNTS)
    frames = FrameJudge({skill: SKILLS[skill] for skill in SKILLS if skill != "rare_1"})
    held: dict[str, list] = {"all": []}
    for known, answer in read_predictions(paths["predictions"], "test"):
        judgement = judge(known, answer, popular(known.request.enabled_skills))
        judgement = frames(judgement, known.request, answer)
        held["all"].append(judgement)
        values = slicer(known, judgement)
        for keys in features:
            if values.keys() >= set(keys):
                held.setdefault(cross_name({key: values[key] for key in keys}), []).append(judgement)
    return {name: tally(table_of(judgements)).metrics((0.9, 0.95)) for name, judgements in held.items()}


def test_tfma_equals_the_pure_accumulator_in_every_slice(evaluated):
    paths, _ = evaluated
    slices = read_evaluation(paths["evaluation"]).slices
    without_additions = set(FEATURES) - {"added"}  # nothing was added to this model
    expected = expected_slices(paths, [*([feature] for feature in without_additions), *CROSSES])
    named = {feature for name in expected for feature in split_name(name)}
    assert named == without_additions
    assert slices.keys() == expected.keys()
    assert {"semer", "irer", "without_frame", "oos_auroc", "coverage@0.9"} <= slices["all"].keys()
    assert "semer" not in slices[slice_name("domain", SKILLS["rare_1"])]
    for name, found in expected.items():
        assert slices[name] == pytest.approx(found, rel=1e-12), name


def test_tfma_can_load_its_result(evaluated):
    import tensorflow_model_analysis as tfma

    paths, _ = evaluated
    result = tfma.load_eval_result(str(paths["evaluation"]))
    metrics = {key: found[""][""] for key, found in result.slicing_metrics}
    assert metrics[()]["requests"]["doubleValue"] == 401
    assert (("device", "tv"), ("domain", "2.0")) in metrics  # a cross, and a value that looks like a number
    [plot] = [found[""][""] for key, found in result.plots if key == ()]
    bins = plot["calibrationHistogramBuckets"]["buckets"]
    counts = [bin_.get("numWeightedExamples", 0.0) for bin_ in bins]
    right = [bin_.get("totalWeightedLabel", 0.0) for bin_ in bins]
    overall = read_evaluation(paths["evaluation"]).overall
    assert (len(bins), sum(counts)) == (15, overall["answerable"])
    assert sum(right) / sum(counts) == pytest.approx(overall["top1"])


def test_intervals_are_of_the_slices_that_are_large_enough(evaluated):
    paths, _ = evaluated
    found = read_evaluation(paths["evaluation"])
    table = read_table(paths["evaluation"])
    rows = slices_of(table, crosses=CROSSES).rows
    known = {name: int((table.kind[held] != UNLABELLED).sum()) for name, held in rows.items()}
    assert found.intervals.keys() == {name for name, count in known.items() if count >= 20} | {"all"}
    for name, of_slice in found.intervals.items():
        assert of_slice.keys() <= found.slices[name].keys()
        assert {"top1", "mrr", "nll", "ece", "macro_f1", "coverage@0.9"} <= of_slice.keys()


def test_the_verdict_artifact_says_blessed(evaluated):
    paths, verdict = evaluated
    decided = read_verdict(paths["verdict"])
    assert decided.blessed, decided.words
    assert verdict.blessed == 1


def test_a_broken_model_is_refused_and_compared_with_the_baseline(evaluated, tmp_path):
    good, _ = evaluated
    paths = {**write_world(tmp_path / "in", 211, skill=0.1), "baseline": good["evaluation"]}
    inputs = ("predictions", "catalogue", "popularity", "baseline")
    paths, verdict = run_evaluator(paths, inputs, tmp_path / "out", '{"resamples":0}')
    found = read_evaluation(paths["evaluation"])
    assert (found.comparison.paired, found.comparison.only_before) == (211, 401 - 211)
    assert found.differences == {}  # nothing is drawn
    drawn = compare_folders(good["evaluation"], paths["evaluation"], resamples=50)
    assert drawn.paired == 211
    assert drawn.differences["all"]["top1"].significant
    failed = {check.name for check in read_verdict(paths["verdict"]).failures}
    assert verdict.blessed == 0
    assert {"min_gain_over_popular", "max_top1_drop", "max_domain_top1_drop"} <= failed
    said = summary(paths["evaluation"], paths["verdict"])
    assert not said.blessed
    assert "seen_in_train" in (paths["evaluation"] / "metrics.json").read_text()


def test_an_empty_split_is_measured_as_nothing_and_refused(tmp_path):
    paths = write_world(tmp_path / "in", 0, skill=0.5)
    paths, verdict = run_evaluator(paths, ("predictions", "catalogue", "popularity"), tmp_path / "out")
    assert verdict.blessed == 0
    assert "0 test requests have a known answer" in read_verdict(paths["verdict"]).words


def test_the_review_node_writes_one_page(evaluated, tmp_path):
    paths, _ = evaluated
    names = ("evaluation", "verdict", "predictions", "dead_letters", "model", "model_run")
    inputs = {name: [artifact(name, paths[name])] for name in names}
    ReviewExecutor().Do(inputs, {"review": [artifact("review", tmp_path)]}, {"options": "{}"})
    page = (tmp_path / "review.html").read_text()
    assert "Blessed" in page
    assert read_dashboard(tmp_path).metrics["blessed"] == 1.0
    assert HOSTILE not in page
    write_reliability(tmp_path, reliability(["Music"]))
    inputs |= {"reliability": [artifact("reliability", tmp_path)]}
    inputs |= {"domain_models": [artifact("domain_models", tmp_path)]}
    del inputs["model"], inputs["model_run"]
    ReviewExecutor().Do(inputs, {"review": [artifact("review", tmp_path)]}, {"options": "{}"})
    assert "on tv: +1.2" in (tmp_path / "review.html").read_text()


def test_the_summary_has_the_headline_numbers(evaluated):
    paths, _ = evaluated
    said = summary(paths["evaluation"], paths["verdict"])
    rows = {row.metric: row for row in said.rows}
    assert said.blessed
    assert rows["top1"].low <= rows["top1"].value <= rows["top1"].high
    assert {
        "top5",
        "macro_f1",
        "semer",
        "irer",
        "ece",
        "oos_rejection",
        "top1, train lacks the text",
    } <= rows.keys()


def channels(*names: str):
    return {name: as_channel([TYPES[name]()]) for name in names}


def test_components_are_built_with_and_without_the_optional_inputs():
    needed = channels("predictions", "catalogue", "popularity")
    assert set(Evaluator(**needed).inputs) == set(needed)
    given = channels("predictions", "catalogue", "popularity", "examples", "baseline")
    assert set(Evaluator(**given, options='{"split":"dev"}').outputs) == {"evaluation", "verdict"}
    parts = channels("evaluation", "verdict", "predictions", "dead_letters", "model", "model_run")
    assert set(Review(**parts).outputs) == {"review"}
    rankers = channels("reliability", "hyprank", "domain_models")
    assert set(Review(**parts, **rankers).inputs) == {*parts, *rankers}
    parts = channels("evaluation", "verdict", "predictions", "dead_letters")
    assert set(Review(**parts, **rankers).inputs) == {*parts, *rankers}


def test_wrong_options_stop_the_graph_from_being_built():
    needed = channels("predictions", "catalogue", "popularity")
    with pytest.raises(ValueError, match="`options` must be JSON of EvaluateOptions: `min_answerable`"):
        Evaluator(**needed, options='{"thresholds":{"min_answerable":0}}')
