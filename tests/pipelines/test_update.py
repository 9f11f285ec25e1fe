"""One domain updated in a workspace with three: alone, beside others, killed, with data of its own."""

import gzip
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_model
from components.records.models_config import MODELS_CONFIG, read_models_config, write_models_config
from components.records.ranked_system import read_system
from components.records.version_folder import folder_hash
from pipelines.errors import CommandError
from pipelines.held_against import still_holds
from pipelines.in_service import in_service, numbers_stand
from pipelines.lock import exclusive
from pipelines.nodes import UPDATE_NODES
from pipelines.update_checks import require_system
from pipelines.update_plan import UpdateRequest, plan_update
from pipelines.workspace import Workspace
from tests.pipelines.command import arbiter, printed_json, states
from tests.pipelines.served import ANY, all_reproduced
from tests.push.fakes import push_fakes

MUSIC, MOVIES, BOOKS = map(domain_model, ("Music", "Movies", "Books"))
ROOT = Path(__file__).resolve().parents[2]


def _served(work):
    """The hash of each version in service, by model and version."""
    serving = work / "serving"
    return {
        (model, version): folder_hash(serving / model / str(version))
        for model, version in stable_versions(serving).items()
    }


def _log(work):
    return [json.loads(line) for line in (work / "serving/push_log.jsonl").read_text().splitlines()]


def _own_requests(work, model):
    """How many requests of its own the domain's newest model could learn from."""
    runs = max((work / "artifacts/DomainTrainer/runs").iterdir(), key=lambda folder: int(folder.name))
    return json.loads((runs / model / "training.json").read_text())["all_own"]


def _more_music(data, dest):
    """The dataset, with a second request for every request of Music."""
    shutil.copytree(data, dest)
    music = {
        skill["skill_id"]
        for skill in map(json.loads, (data / "catalogue.jsonl").read_text().splitlines())
        if skill["domain"] == "Music"
    }
    more = []
    for file in sorted((data / "requests").iterdir()):
        for request in map(json.loads, gzip.decompress(file.read_bytes()).splitlines()):
            if request.get("skill_id") in music and request.get("outcome") == "handled":
                text = request["utterance"] + " please"
                more.append(request | {"request_id": request["request_id"] + "-again", "utterance": text})
    lines = "".join(json.dumps(request) + "\n" for request in more)
    (dest / "requests/more.jsonl").write_text(lines)
    return len(more)


def _judged_beside(work):
    """The versions beside which each version in service was judged, by model and version."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(work / "metadata/metadata.sqlite")
    store = metadata_store.MetadataStore(config)
    found = {}
    for artifact in store.get_artifacts_by_type("PushedModel"):
        if artifact.custom_properties["outcome"].string_value == "pushed":
            [made] = store.get_events_by_artifact_ids([artifact.id])
            [push] = store.get_executions_by_id([made.execution_id])
            read = [
                event.artifact_id
                for event in store.get_events_by_execution_ids([push.id])
                if event.path.steps[0].key == "predictions"
            ]
            [predictions] = store.get_artifacts_by_id(read)
            in_service = read_system(Path(predictions.uri)).in_service
            for name, value in artifact.custom_properties.items():
                if name.startswith("version."):
                    found[name.removeprefix("version."), value.int_value] = in_service
    return found


def test_an_update_that_cannot_be_changes_nothing(system, tmp_path):
    work = system / "work"
    before = _served(work)
    other = tmp_path / "other"
    shutil.copytree(system / "data", other)
    skills = (other / "catalogue.jsonl").read_text().splitlines(keepends=True)
    (other / "catalogue.jsonl").write_text("".join(skills[1:]))
    for code, words, call in (
        (2, "Did you mean Music?", ("--domain", "Musik")),
        (2, "Domains: Books, Movies, Music.", ("--domain", "Gardening")),
        (2, "unknown key hyprank", ("--domain", "Music", "--set", "hyprank.epochs=1")),
        (2, "unknown key ingest", ("--domain", "Music", "--set", "ingest.split_by=time")),
        (2, "it has no catalogue.jsonl", ("--domain", "Music", "--data", tmp_path / "nowhere")),
        (2, "lacks skills in service", ("--domain", "Music", "--data", other)),
    ):
        result = arbiter("update", work, *call)
        assert (result.exit_code, words in result.output) == (code, True), result.output
    with exclusive(Workspace.at(work).lock):
        result = arbiter("update", work, "--domain", "Music")
    assert result.exit_code == 1
    assert "is in use" in result.output
    assert _served(work) == before


def test_a_system_without_domain_models_is_not_updated(system):
    import msgspec

    base = in_service(Workspace.at(system / "work"), "shortlister")
    alone = msgspec.structs.replace(base, versions={"shortlister": 1})
    with pytest.raises(CommandError, match="no domain models in service"):
        require_system(Workspace.at(system / "work"), alone)


def test_a_version_that_is_no_longer_what_was_pushed_under_its_number_is_found(system, monkeypatch):
    place = Workspace.at(system / "work")
    versions = stable_versions(place.serving)
    assert numbers_stand(place, versions)
    monkeypatch.setattr("pipelines.in_service.folder_hash", lambda folder: "another")
    assert not numbers_stand(place, versions)
    assert numbers_stand(place, {"hyprank": versions["hyprank"] + 1})


def test_a_domain_learns_from_new_data_and_no_other_model_changes(system, tmp_path):
    work = system / "work"
    before, versions = _served(work), stable_versions(work / "serving")
    added = _more_music(system / "data", tmp_path / "new")
    result = arbiter("update", work, "--domain", "Music", "--data", tmp_path / "new", *ANY, "--json")
    assert result.exit_code == 0, result.output
    report = printed_json(result)
    assert report["pushed"]
    assert report["judged"] == 1
    assert report["version"] == versions[MUSIC] + 1
    assert Path(report["review"]).is_file()
    changed = {model for model, _ in _served(work).items() ^ before.items()}
    assert changed == {(MUSIC, versions[MUSIC]), (MUSIC, versions[MUSIC] + 1)}
    for model, version in before:  # what was served stays on disk, byte for byte
        assert folder_hash(work / "serving" / model / str(version)) == before[model, version]
    assert _own_requests(work, MUSIC) > added > 50
    status = printed_json(arbiter("status", work, "--json"))
    assert [node["node"] for node in status["nodes"]][-len(UPDATE_NODES) :] == list(UPDATE_NODES)
    assert status["nodes"][0] == status["nodes"][0] | {"node": "Ingest", "state": "done"}


def test_the_error_of_the_whole_system_does_not_rise(system, monkeypatch):
    monkeypatch.setattr("components.push.push.reproduce", all_reproduced)
    work = system / "work"
    versions = stable_versions(work / "serving")
    same = printed_json(arbiter("update", work, "--domain", "Books", "--json"))
    assert same["pushed"], same
    assert same["after"] == same["before"]  # it learns the same from the same
    served = _served(work)
    assert (BOOKS, versions[BOOKS] + 1) in served

    untrained = ("--set", "domain.epochs=1", "--set", "domain.learning_rate=1e-9")
    untrained += ("--set", "evaluate.resamples=0")  # so few requests: chance would explain much
    result = arbiter("update", work, "--domain", "Movies", *untrained, "--json")
    report = printed_json(result)
    worse = report["before"]["system"] - report["after"]["system"]
    assert report["before"]["system"] == same["after"]["system"]
    assert (result.exit_code == 0) == report["pushed"]
    assert not report["pushed"] or worse <= 0.01
    assert report["pushed"] or _served(work) == served


def test_updates_that_finish_together_are_judged_with_what_is_then_in_service(system):
    work = system / "work"
    before = stable_versions(work / "serving")
    others = {key: found for key, found in _served(work).items() if key[0] in ("shortlister", "hyprank")}
    logged = len(_log(work))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.pipelines.several_updates",
            str(work),
            "Books",
            "Music",
            "Movies",
            "Music",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    ends = [line.split(" ", 2)[1:] for line in done.stdout.splitlines() if line.startswith("update: ")]
    assert ends[0] == ["Books", str(int(signal.SIGKILL))], done.stderr
    reports = [json.loads(report) for _, report in ends[1:]]
    assert [report["domain"] for report in reports] == ["Music", "Movies", "Music"], done.stderr
    assert all(report["pushed"] for report in reports), reports
    assert sorted(report["judged"] for report in reports)[:2] == [1, 2]
    assert len({report["review"] for report in reports}) == 3

    now = stable_versions(work / "serving")
    assert now == before | {MUSIC: before[MUSIC] + 2, MOVIES: before[MOVIES] + 1}
    assert others.items() <= _served(work).items()
    lines = _log(work)[logged:]
    assert sum(line["outcome"] == "superseded" for line in lines) == sum(r["judged"] - 1 for r in reports)
    told, expected = _judged_beside(work), before
    for line in (line for line in lines if line["outcome"] == "pushed"):
        assert told[line["model"], line["version"]] == expected
        expected = expected | {line["model"]: line["version"]}
    assert expected == now

    configs = read_models_config(work / "serving" / MODELS_CONFIG)
    kept = tuple(config for config in configs if config.name != BOOKS)  # as if it never had a model
    write_models_config(work / "serving" / MODELS_CONFIG, kept)
    result = arbiter("update", work, "--domain", "Books", "--set", "domain.seed=0", *ANY)
    assert result.exit_code == 0, result.output
    assert states(result)["DomainTrainer"] == "cached"
    assert stable_versions(work / "serving") == now | {BOOKS: now[BOOKS] + 1}


def test_after_a_rollback_the_next_update_goes_on_from_what_is_then_in_service(system, tmp_path):
    workspace = Workspace.existing(system / "work")
    before, held = stable_versions(workspace.serving), still_holds(workspace)
    other = tmp_path / MUSIC
    shutil.copytree(workspace.serving / MUSIC / str(before[MUSIC]), other)
    (other / "another").touch()
    assert push_fakes({MUSIC: other}, workspace.serving, before).pushed
    assert not still_holds(workspace)
    result = arbiter("rollback", workspace.root, "--domain", "Music", "--reason", "ticket 12", "--json")
    assert result.exit_code == 0, result.output
    assert printed_json(result)["in_service"] == stable_versions(workspace.serving) == before
    base = in_service(workspace, "shortlister")
    assert plan_update(UpdateRequest(domain="Music"), base).judged_beside == before
    assert numbers_stand(workspace, before)
    assert still_holds(workspace) == held
