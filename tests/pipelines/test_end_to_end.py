"""The whole path on a small simulated world: one run that many tests look at, and what changes re-run."""

import gzip
import json
import shutil
from pathlib import Path

import msgspec
import pytest

from components.records.models_config import read_models_config
from components.records.version_folder import read_manifest, versions
from pipelines.history import History
from pipelines.nodes import nodes_of
from pipelines.workspace import Workspace
from tests.pipelines.command import arbiter, printed_json, run, states


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "data"
    made = arbiter("simulate", folder, "--skills", 23, "--customers", 101, "--requests", 1009, "--seed", 5)
    assert made.exit_code == 0
    return folder


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """(workspace, what the first run printed)"""
    work = tmp_path_factory.mktemp("finished") / "work"
    result = run(data, work)
    assert result.exit_code == 0, result.output
    return work, result


def test_the_nodes_are_those_that_the_command_line_knows(finished):
    _, result = finished
    assert states(result) == dict.fromkeys(nodes_of(rankers=False), "done")
    assert list(states(result)) == list(nodes_of(rankers=False))


def test_every_artifact_is_there(finished):
    work, _ = finished
    history = History(Workspace.at(work))
    for node, output, file in [
        ("Ingest", "catalogue", "catalogue.jsonl"),
        ("Ingest", "dead_letters", "report.json"),
        ("DataGate", "verdict", "verdict.json"),
        ("Label", "popularity", "popularity.json"),
        ("ShortlisterTrainer", "model", "Format-Serving/saved_model.pb"),
        ("ShortlisterTrainer", "model_run", "training.json"),
        ("Evaluator", "evaluation", "metrics.json"),
        ("Evaluator", "verdict", "verdict.json"),
        ("Review", "review", "review.html"),
    ]:
        folder = history.newest_output(node, output)
        assert folder is not None, node
        assert Path(folder, file).is_file(), (node, file)
    splits = {path.name for path in (work / "artifacts" / "Rank").glob("predictions/*/Split-*")}
    assert splits == {"Split-dev", "Split-test"}


def test_the_model_in_service_is_complete_and_labelled_stable(finished):
    work, _ = finished
    [config] = read_models_config(work / "serving" / "models.config")
    assert (config.name, config.versions, config.labels) == ("shortlister", (1,), {"stable": 1})
    assert versions(work / "serving" / "shortlister") == [1]
    assert len(read_manifest(work / "serving" / "shortlister" / "1").skill_ids) == 23


def test_the_run_ends_with_verdict_model_and_review(finished):
    work, result = finished
    assert "Blessed: all" in result.stdout
    assert "In service: shortlister, version 1" in result.stdout
    assert f"Review: {work / 'reports' / 'review.html'}" in result.stdout
    assert (work / "reports" / "review.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "absl" not in result.output


def test_the_log_has_what_the_screen_does_not(finished):
    work, _ = finished
    [log] = (work / "logs").glob("run-*.log")
    assert "epoch 1/2" in log.read_text(encoding="utf-8")


def test_status_and_review_say_the_same_to_people_and_programs(finished):
    work, _ = finished
    said = arbiter("status", work).stdout
    assert "shortlister: serves 1 (stable = 1); on disk 1" in said
    now = printed_json(arbiter("status", work, "--json"))
    assert [node["node"] for node in now["nodes"]] == list(nodes_of(rankers=False))
    assert now["verdict"]["blessed"] is True
    review = printed_json(arbiter("review", work, "--json"))
    assert review["review"] == str(work / "reports" / "review.html")
    top1 = next(row["value"] for row in review["rows"] if row["metric"] == "top1")
    assert f"{top1:.4f}" in arbiter("review", work).stdout


def test_review_holds_limits_and_compares(finished):
    work, _ = finished
    assert arbiter("review", work, "--fail-under", "top1=0", "--fail-under", "ece=1").exit_code == 0
    failed = arbiter("review", work, "--fail-under", "top1=1.1")
    assert failed.exit_code == 1
    assert "at least 1.1 is asked for" in failed.stderr
    wrong = arbiter("review", work, "--fail-under", "nonsense=1")
    assert wrong.exit_code == 2
    assert "macro_f1" in wrong.stderr
    found = printed_json(arbiter("review", work, "--json", "--compare", work))
    assert found["compared"]["paired"] > 0
    assert {(c["kind"], c["before"] == c["after"]) for c in found["compared"]["changes"]} == {("same", True)}
    assert arbiter("review", work, "--markdown", "--compare", work).stdout.startswith("### ")
    assert arbiter("review", work, "--markdown", "--json").exit_code == 2


def test_predict_answers_every_line_in_order(finished, tmp_path):
    work, _ = finished
    requests = tmp_path / "requests.jsonl"
    requests.write_text(
        '{"request_id": "a", "utterance": "play something"}\n{"utterance": "no id"}\nnot json\n'
        '{"request_id": "b", "utterance": "what is for dinner", "enabled_skills": ["unheard_of"]}\n',
        encoding="utf-8",
    )
    out = tmp_path / "out.jsonl"
    result = arbiter("predict", work, requests, "-o", out, "--top", 3)
    assert result.exit_code == 0
    assert "4 requests answered, 2 of them unreadable" in result.stdout
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line.get("request_id") for line in lines] == ["a", None, None, "b"]
    assert [len(line.get("hypotheses", [])) for line in lines] == [3, 0, 0, 3]
    assert all("error" in line for line in lines[1:3])


def test_route_gives_what_predict_gives(finished, tmp_path):
    work, _ = finished
    requests = tmp_path / "requests.jsonl"
    requests.write_text('{"request_id": "route", "utterance": "play something"}\n', encoding="utf-8")
    assert arbiter("predict", work, requests, "-o", tmp_path / "out.jsonl").exit_code == 0
    routed = printed_json(arbiter("route", work, "play something", "--json"))
    predicted = json.loads((tmp_path / "out.jsonl").read_bytes())
    assert [h["skill_id"] for h in routed["hypotheses"]] == [h["skill_id"] for h in predicted["hypotheses"]]
    said = arbiter("route", work, "play something", "--explain").stdout
    assert "'play something' → " in said
    assert "shortlister " in said
    assert arbiter("route", work, "").exit_code == 2


def test_a_second_run_is_cached_a_changed_parameter_reruns_what_depends_on_it(finished, data):
    work, _ = finished
    assert states(run(data, work)) == dict.fromkeys(nodes_of(rankers=False), "cached")
    changed = states(run(data, work, "rank.top=7", flags=("--until", "Review")))
    again = {"BaselineRank", "BaselineEvaluator", "Rank", "Evaluator", "Review"}
    assert {node for node, state in changed.items() if state == "done"} == again


def test_changed_data_is_seen_and_bad_data_stops_the_run(finished, data, tmp_path):
    bad = tmp_path / "bad"
    (bad / "requests").mkdir(parents=True)
    (bad / "catalogue.jsonl").write_bytes((data / "catalogue.jsonl").read_bytes())
    with gzip.open(next((data / "requests").iterdir())) as lines:
        good = lines.read()
    (bad / "requests" / "r.jsonl").write_bytes(good + b'{"request_id": "x"}\n' * 100)
    work = tmp_path / "work"
    result = run(bad, work)
    assert result.exit_code == 1
    assert states(result)["DataGate"] == "failed"
    assert "DataGate failed" in result.stderr
    assert "requests/r.jsonl" in result.stderr
    assert "Traceback" not in result.output
    assert str(work / "logs") in result.stderr
    assert "Traceback" in next((work / "logs").iterdir()).read_text(encoding="utf-8")

    accepted = run(bad, work, "gate.max_bad_share=0.2", flags=("--until", "DataGate"))
    assert states(accepted)["Ingest"] == "cached"
    assert states(accepted)["DataGate"] == "done"
    assert "Label" not in states(accepted)


def test_a_model_that_does_not_pass_is_not_pushed(finished, data):
    work, _ = finished
    before = msgspec.json.encode(versions(work / "serving" / "shortlister"))
    result = run(data, work, "evaluate.thresholds.min_top1=1.0")
    assert result.exit_code == 0
    assert "Not blessed" in result.stdout
    assert "It was not pushed." in result.stdout
    assert msgspec.json.encode(versions(work / "serving" / "shortlister")) == before
    assert printed_json(arbiter("status", work, "--json"))["verdict"]["blessed"] is False


def test_push_puts_the_newest_model_into_service_again(data, finished):
    work, _ = finished
    assert run(data, work).exit_code == 0
    said = arbiter("push", work)
    assert said.exit_code == 1
    assert "in service already: shortlister as version" in said.stderr

    shutil.rmtree(work / "serving")
    pushed = printed_json(arbiter("push", work, "--set", "requests=20", "--json"))
    [model] = pushed["models"]
    assert (pushed["outcome"], model["version"], model["requests"]) == ("pushed", 1, 20)

    shutil.rmtree(work / "serving")
    again = run(data, work)
    assert states(again)["Push"] == "done"
    assert states(again)["Evaluator"] == "cached"
    assert versions(work / "serving" / "shortlister") == [1]
