"""The graph with rankers: what a run leaves, and that batch and live answers are one."""

import gzip
import json
from pathlib import Path

import pytest

from components.evaluate.reading import read_predictions
from components.records.domain_signature import domain_model
from components.records.models_config import read_models_config
from components.records.parse import to_json
from components.records.serving_cost import read_serving_cost
from components.records.version_folder import read_manifest
from pipelines.history import History
from pipelines.nodes import NODES, RANK
from pipelines.workspace import Workspace
from tests.k8s.checks import problems
from tests.k8s.kustomize import build
from tests.pipelines.command import WHOLE, arbiter, printed_json, run, states

SETTINGS = (*WHOLE, "rank.cost_sample=7")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "data"
    world = ("--skills", 9, "--customers", 61, "--requests", 701, "--seed", 5)
    assert arbiter("simulate", folder, *world).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """(workspace, what the first run printed)"""
    work = tmp_path_factory.mktemp("finished") / "work"
    result = run(data, work, *SETTINGS)
    assert result.exit_code == 0, result.output
    return work, result


def test_every_node_runs_once(finished, data):
    work, result = finished
    assert states(result) == dict.fromkeys(NODES, "done")
    assert list(states(result)) == list(NODES)
    assert states(run(data, work, *SETTINGS)) == dict.fromkeys(NODES, "cached")


def test_every_model_is_in_service(finished, data):
    work, result = finished
    domains = {json.loads(line)["domain"] for line in (data / "catalogue.jsonl").read_text().splitlines()}
    served = {config.name: config.labels for config in read_models_config(work / "serving" / "models.config")}
    assert set(served) == {"shortlister", "hyprank", *map(domain_model, domains)}
    assert set(map(str, served.values())) == {"{'stable': 1}"}
    assert f"{len(domains)} domain models" in result.stdout
    assert read_manifest(work / "serving" / "hyprank" / "1").candidates == 5
    for domain in domains:
        manifest = read_manifest(work / "serving" / domain_model(domain) / "1")
        assert manifest.reranker is not None
        assert manifest.reranker.loss == "R3"


def test_a_live_answer_is_the_batch_answer(finished, tmp_path):
    work, _ = finished
    folder = History(Workspace.at(work)).newest_output(RANK, "predictions")
    batch = [
        (labelled.request, prediction) for labelled, prediction in read_predictions(Path(folder), "test")
    ]
    requests, out = tmp_path / "requests.jsonl", tmp_path / "out.jsonl"
    requests.write_bytes(b"".join(to_json(request) + b"\n" for request, _ in batch))
    assert arbiter("predict", work, requests, "-o", out, "--top", 5).exit_code == 0
    live = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert len(live) == len(batch) > 20
    for (request, recorded), answer in zip(batch, live, strict=True):
        assert answer["request_id"] == request.request_id
        assert answer["accepted"] == recorded.accepted
        assert len(answer["hypotheses"]) == len(recorded.hypotheses)
        for said, hypothesis in zip(answer["hypotheses"], recorded.hypotheses, strict=True):
            expected = json.loads(to_json(hypothesis))
            scores, confidence = said.pop("scores"), said.pop("confidence")
            assert confidence == pytest.approx(expected.pop("confidence"), abs=1e-5)
            assert scores == pytest.approx(expected.pop("scores"), rel=1e-5, abs=1e-5)
            assert said == expected


def test_an_answer_says_what_is_wanted(finished, data):
    work, _ = finished
    with gzip.open(min((data / "requests").glob("*.jsonl.gz"))) as lines:
        request = next(r for r in map(json.loads, lines) if r.get("slots") and r.get("enabled_skills"))
    enabled = ",".join(request["enabled_skills"])
    answer = printed_json(arbiter("route", work, request["utterance"], "--enabled", enabled, "--json"))
    best = answer["hypotheses"][0]
    assert {"shortlister", "domain", "intent", "slots", "reranker", "hyprank"} <= set(best["scores"])
    assert all(
        request["utterance"][slot["start"] : slot["end"]] == slot["value"] for slot in best.get("slots", ())
    )
    assert any("intent" in hypothesis for hypothesis in answer["hypotheses"])


def test_kubernetes_gets_a_server_for_each_model_with_the_memory_that_it_takes(finished, tmp_path):
    work, _ = finished
    overlay = Path(__file__).resolve().parents[2] / "k8s/overlays/one-node"
    result = arbiter("manifests", work, tmp_path / "made", "--overlay", overlay, "--json")
    assert result.exit_code == 0, result.output
    servers = {server["model"]: server["memory"] for server in printed_json(result)}
    assert servers.keys() == {config.name for config in read_models_config(work / "serving/models.config")}
    assert all(320 <= memory <= 1024 for memory in servers.values()), servers  # MiB; the models are tiny
    assert problems(build(tmp_path / "made")) == []


def test_what_an_answer_costs_is_measured_and_shown(finished):
    work, _ = finished
    cost = read_serving_cost(Path(History(Workspace.at(work)).newest_output(RANK, "predictions")))
    assert cost.requests == 7
    assert "in one process: 7 requests" in (work / "reports/review.html").read_text(encoding="utf-8")


def test_people_see_the_weights(finished):
    work, _ = finished
    page = (work / "reports" / "review.html").read_text(encoding="utf-8")
    assert "R0" in page
    assert "SemER" in page
    assert "re-ranker" in arbiter("status", work).stdout.lower()
