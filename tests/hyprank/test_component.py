"""The HypRankTrainer node: interface and executor."""

import json

import pytest
from tfx.types import channel, standard_artifacts

from components.hyprank.component import HypRankTrainer
from components.hyprank.executor import Executor
from components.hyprank.gather import rank_lists, skill_table
from components.hyprank.read import read_reranked, read_rerankers
from components.records.artifact_files import write_popularity
from components.records.artifacts import CatalogueArtifact, DomainModels, Hypotheses, SkillCounts
from components.records.catalogue import write_catalogue
from components.records.manifest import Calibration, Manifest
from components.records.reranker import Reranker
from components.records.version_folder import SAVED_MODEL, read_manifest, write_manifest
from tests.hyprank.test_run import CATALOGUE, COUNTS, some_lists
from tests.reranker.test_component import artifact, write_lists

RERANKER = Reranker(loss="R2", features=("bias", "skill"), weights=(0.5, 2.0), own_share=0.3, lists=9)
OPTIONS = '{"epochs": 2, "lstm_size": 4, "hidden_size": 6, "batch_size": 32}'


def inputs_in(tmp_path):
    for domain, reranker in (("d0", RERANKER), ("d1", None)):
        manifest = Manifest(
            kind="domain",
            skill_ids=("s",),
            domains=(domain,),
            calibration=Calibration(),
            catalogue_hash="c",
            reranker=reranker,
        )
        write_manifest(tmp_path / "domains" / f"domain-{domain}", manifest)
    write_catalogue(tmp_path / "catalogue" / "catalogue.jsonl", CATALOGUE)
    (tmp_path / "popularity").mkdir()
    write_popularity(tmp_path / "popularity", COUNTS)
    return {
        "hypotheses": [artifact(Hypotheses, tmp_path / "lists")],
        "domain_models": [artifact(DomainModels, tmp_path / "domains")],
        "catalogue": [artifact(CatalogueArtifact, tmp_path / "catalogue")],
        "popularity": [artifact(SkillCounts, tmp_path / "popularity")],
    }


def outputs_in(tmp_path):
    kinds = {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun}
    return {name: [artifact(kind, tmp_path / name)] for name, kind in kinds.items()}


def test_the_executor_leaves_a_servable_model_and_its_record(tmp_path):
    write_lists(tmp_path / "lists", rank=some_lists(120, 1), dev=some_lists(60, 2))
    outputs = outputs_in(tmp_path)
    Executor().Do(inputs_in(tmp_path), outputs, {"options": OPTIONS, "candidates": 3})
    folder = tmp_path / "model" / "Format-Serving"
    assert (folder / SAVED_MODEL).is_file()
    manifest = read_manifest(folder)
    assert (manifest.kind, manifest.candidates) == ("hyprank", 3)
    assert manifest.skill_ids == CATALOGUE.skill_ids
    record = json.loads((tmp_path / "model_run" / "training.json").read_bytes())
    assert record["candidates"] == 3
    assert len(record["epochs"]) == 2
    assert record["metrics"] == manifest.metrics
    assert (tmp_path / "model_run" / "training.log").read_text().count("dev loss") == 2
    assert (tmp_path / "model_run" / "network.keras").is_file()
    assert skill_table(CATALOGUE, COUNTS).shape[0] == len(manifest.skill_ids) + 1


def test_lists_are_re_ranked_before_they_are_learnt_from(tmp_path):
    inputs_in(tmp_path)
    lists = list(some_lists(20, 1))
    write_lists(tmp_path / "lists", rank=lists)
    rerankers = read_rerankers(tmp_path / "domains")
    assert rerankers == {"d0": RERANKER}
    found = read_reranked(tmp_path / "lists", "rank", rerankers)
    for before, after in zip(lists, found, strict=True):
        for hypothesis in after.hypotheses:
            (old,) = (h for h in before.hypotheses if h.skill_id == hypothesis.skill_id)
            expected = 0.5 + 2.0 * old.scores.shortlister if hypothesis.domain == "d0" else None
            assert hypothesis.scores.reranker == (
                None if expected is None else pytest.approx(expected, abs=1e-5)
            )
    assert len(rank_lists(found, CATALOGUE)) == 20


def test_a_split_without_a_right_answer_is_told_in_words(tmp_path):
    write_lists(tmp_path / "lists", rank=[], dev=some_lists(5, 2))
    with pytest.raises(ValueError, match="`rank` must have a list with a right answer"):
        Executor().Do(inputs_in(tmp_path), outputs_in(tmp_path), {"options": OPTIONS, "candidates": 3})
    assert not (tmp_path / "model" / "Format-Serving").exists()


def test_interface():
    kinds = (Hypotheses, DomainModels, CatalogueArtifact, SkillCounts)
    channels = [channel.Channel(type=kind) for kind in kinds]
    node = HypRankTrainer(*channels, options='{"epochs": 2}', candidates=5)
    assert node.outputs["model"].type is standard_artifacts.Model
    assert node.outputs["model_run"].type is standard_artifacts.ModelRun
    with pytest.raises(ValueError, match="`options` must be JSON of HypRankOptions"):
        HypRankTrainer(*channels, options='{"epoch": 2}', candidates=5)
    with pytest.raises(ValueError, match="`candidates` must be positive"):
        HypRankTrainer(*channels, candidates=0)
