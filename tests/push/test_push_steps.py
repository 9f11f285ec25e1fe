"""The steps of a push of several models: all or none, in turns, and whole whatever kills it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import components.push.into_service as steps_module
from components.push.serving_folder import stable_versions
from components.push.superseded import superseded
from components.records.manifest import Calibration, Manifest
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.serving_client import ServingError
from components.records.version_folder import folder_hash, versions
from tests.push.fakes import MUSIC, SYSTEM, TRAVEL, fake_system, push_fakes
from tests.push.killed_push import STEPS

ROOT = Path(__file__).resolve().parents[2]
EVERYWHERE = dict.fromkeys(SYSTEM, 1)


def listed(serving):
    return {c.name: c.versions for c in read_models_config(serving / MODELS_CONFIG)}


def log(serving):
    return [json.loads(line) for line in (serving / "push_log.jsonl").read_text().splitlines()]


@pytest.fixture
def serving(tmp_path):
    """A whole system in service, each model in version 1."""
    serving = tmp_path / "serving"
    assert push_fakes(fake_system(tmp_path, "first"), serving).pushed
    return serving


@pytest.fixture
def configs(monkeypatch):
    """Every models.config that is written, as labels by model."""
    from components.push import serving_folder

    written = []
    write = serving_folder.write_models_config

    def record(path, configs):
        if path.parent.name == "serving":  # of all models, not of one
            written.append({config.name: config.labels.get("stable", 0) for config in configs})
        write(path, configs)

    monkeypatch.setattr(serving_folder, "write_models_config", record)
    return written


def test_one_config_offers_all_and_one_labels_all(serving, tmp_path, configs):
    candidates = fake_system(tmp_path, "second")
    result = push_fakes(candidates, serving)
    assert configs == [EVERYWHERE, dict.fromkeys(SYSTEM, 2)]
    assert listed(serving) == dict.fromkeys(SYSTEM, (1, 2))
    assert result.named == "shortlister, hyprank, 2 domain models"
    assert result.reason == f"{result.named} did as recorded, scores within 1.0e-06"
    lines = log(serving)[4:]
    assert [(line["model"], line["version"], line["outcome"]) for line in lines] == [
        (model, 2, "pushed") for model in SYSTEM
    ]
    assert [line["hash"] for line in lines] == [folder_hash(candidates[model]) for model in SYSTEM]
    assert {line["reason"] for line in lines} == {
        "all 9 recorded predictions reproduced, scores within 1.0e-06"
    }
    assert len({line["time"] for line in lines}) == 1


def test_one_domain_alone_leaves_the_others_as_they_are(serving, tmp_path):
    before = {c.name: c for c in read_models_config(serving / MODELS_CONFIG)}
    result = push_fakes(fake_system(tmp_path, "second", MUSIC), serving, EVERYWHERE)
    assert (result.outcome, result.named) == ("pushed", f"{MUSIC}, version 2")
    after = {c.name: c for c in read_models_config(serving / MODELS_CONFIG)}
    assert stable_versions(serving) == {**EVERYWHERE, MUSIC: 2}
    assert {name: after[name] for name in SYSTEM if name != MUSIC} == {
        name: before[name] for name in SYSTEM if name != MUSIC
    }


def test_models_that_a_whole_system_lacks_leave_the_config_and_their_versions_stay(
    serving, tmp_path, configs
):
    assert push_fakes(fake_system(tmp_path, "second", "shortlister"), serving).pushed
    assert configs == [EVERYWHERE, {"shortlister": 2}]  # they leave as the labels move, not before
    assert [versions(serving / model) for model in SYSTEM] == [[1, 2], [1], [1], [1]]


def test_what_was_judged_beside_other_models_is_superseded_and_changes_nothing(serving, tmp_path):
    assert push_fakes(fake_system(tmp_path, "second", TRAVEL), serving, EVERYWHERE).pushed
    config = (serving / MODELS_CONFIG).read_bytes()
    result = push_fakes(fake_system(tmp_path, "third", MUSIC), serving, EVERYWHERE)
    assert result.outcome == "superseded"
    assert result.reason == (
        f"judged beside other models than those in service: {TRAVEL} was version 1 and is version 2"
    )
    assert (serving / MODELS_CONFIG).read_bytes() == config
    assert versions(serving / MUSIC) == [1]
    assert (log(serving)[-1]["model"], log(serving)[-1]["outcome"]) == (MUSIC, "superseded")
    now = {**EVERYWHERE, TRAVEL: 2}
    assert push_fakes(fake_system(tmp_path, "fourth", MUSIC), serving, now).pushed


@pytest.mark.parametrize(
    ("now", "in_service", "changes"),
    [
        ({"shortlister": 7, "hyprank": 2}, {}, ""),  # the candidates are the whole system
        ({"shortlister": 1}, {"shortlister": 1}, ""),
        ({"shortlister": 1, MUSIC: 4}, {"shortlister": 1}, ""),  # its own versions do not count …
        (
            {"shortlister": 1, MUSIC: 4},
            {"shortlister": 1, MUSIC: 3},
            f"{MUSIC} was version 3 and is version 4",
        ),
        ({}, {"shortlister": 1}, "shortlister was version 1 and is not in service"),
        (
            {"shortlister": 1, TRAVEL: 1, "hyprank": 5},
            {"shortlister": 1},
            f"{TRAVEL} was not in service and is version 1; hyprank was not in service and is version 5",
        ),
        ({"shortlister": 1, "domain-gone": 1}, {"shortlister": 1}, ""),  # no skill is of that domain any more
    ],
)
def test_what_counts_as_a_change(now, in_service, changes):
    manifest = Manifest(
        kind="shortlister",
        skill_ids=("a", "b"),
        domains=("music", "travel"),
        calibration=Calibration(),
        catalogue_hash="",
    )
    found = superseded(now, in_service, (MUSIC,), manifest)
    assert found.removeprefix("judged beside other models than those in service: ") == changes


def test_a_domain_without_skills_leaves_with_the_change_that_emptied_it(serving, tmp_path):
    candidates = fake_system(tmp_path, "second", "shortlister")
    manifest = (candidates["shortlister"] / "arbiter.json").read_text()
    (candidates["shortlister"] / "arbiter.json").write_text(manifest.replace('"travel"', '"music"'))
    rest = {model: 1 for model in SYSTEM if model not in (TRAVEL, "shortlister")}
    assert push_fakes(candidates, serving, rest).pushed
    assert stable_versions(serving) == {**rest, "shortlister": 2}


@pytest.mark.parametrize("fails", [lambda *_: "it did not load hyprank", ServingError])
def test_a_model_that_the_server_does_not_load_withdraws_all(serving, tmp_path, monkeypatch, fails):
    import grpc

    def lost(*_):
        raise ServingError("host:1", grpc.StatusCode.UNAVAILABLE, "gone")

    monkeypatch.setattr(steps_module, "await_server", lost if fails is ServingError else fails)
    before = (serving / MODELS_CONFIG).read_bytes()
    candidates = fake_system(tmp_path, "second", "shortlister", MUSIC)
    if fails is ServingError:
        with pytest.raises(ServingError, match="gone"):
            push_fakes(candidates, serving, EVERYWHERE)
    else:
        result = push_fakes(candidates, serving, EVERYWHERE)
        assert (result.outcome, result.reason) == ("not_available", "it did not load hyprank")
        assert [model.version for model in result.models] == [2, 2]
    assert (serving / MODELS_CONFIG).read_bytes() == before
    assert stable_versions(serving) == EVERYWHERE


def test_candidates_that_cannot_be_a_system_are_refused(tmp_path):
    with pytest.raises(ValueError, match="`candidates` must hold at least one model"):
        push_fakes({}, tmp_path / "serving")
    with pytest.raises(ValueError, match="a system needs a shortlister"):
        push_fakes(fake_system(tmp_path, "first", MUSIC), tmp_path / "serving")


def test_a_push_killed_at_any_step_leaves_a_system_in_service_and_the_next_one_clears_up(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.push.killed_push", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert dict(line.split() for line in done.stdout.splitlines()) == dict.fromkeys(
        STEPS, str(int(signal.SIGKILL))
    )
    for step in STEPS:
        serving = tmp_path / step / "serving"
        labelled = 2 if step == "append_log" else 1
        assert stable_versions(serving) == dict.fromkeys(SYSTEM, labelled), step
        offered = step in ("await_server", "make_stable", "append_log")
        assert listed(serving) == dict.fromkeys(SYSTEM, (1, 2) if offered else (1,)), step
        copied = 2 if step == "install_next" else 4
        assert [versions(serving / m) for m in SYSTEM] == [[1, 2]] * copied + [[1]] * (4 - copied), step
        for model in SYSTEM[:copied]:
            assert folder_hash(serving / model / "2") == folder_hash(tmp_path / step / "second" / model)
        one = fake_system(tmp_path / step, "third", MUSIC)
        assert push_fakes(one, serving, dict.fromkeys(SYSTEM, labelled)).pushed, step
        expected = dict.fromkeys(SYSTEM, (1, 2) if labelled == 2 else (1,))
        newest = versions(serving / MUSIC)[-1]
        assert listed(serving) == {**expected, MUSIC: (labelled, newest)}, step


_PUSHES = """
import json, sys
from pathlib import Path
from tests.push.fakes import fake_system, push_fakes
root, mark, in_service, *models = sys.argv[1:]
candidates = fake_system(Path(root), mark, *models)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    print(push_fakes(candidates, Path(root, "serving"), json.loads(in_service)).outcome, flush=True)
"""


def together(root, *pushes):
    """Outcomes of pushes from processes of their own that start at the same time, three times each."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PUSHES, str(root), mark, json.dumps(in_service), *models],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for mark, in_service, models in pushes
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate()[0].split() for process in processes]


def test_of_two_updates_at_once_one_is_judged_again(serving, tmp_path):
    rest = dict.fromkeys(SYSTEM, 1)
    outcomes = together(tmp_path, ("x", rest, [MUSIC]), ("y", rest, [TRAVEL]))
    assert sorted(outcome for each in outcomes for outcome in each) == ["pushed", *["superseded"] * 5]
    assert sorted(stable_versions(serving).values()) == [1, 1, 1, 2]
    assert sum(len(versions(serving / model)) for model in SYSTEM) == 5


def test_two_runs_at_once_take_turns_and_never_mix(serving, tmp_path):
    outcomes = together(tmp_path, ("x", {}, SYSTEM), ("y", {}, SYSTEM))
    assert outcomes == [["pushed"] * 3] * 2
    assert stable_versions(serving) == dict.fromkeys(SYSTEM, 7)
    for number in range(3, 8):  # the five that are kept
        marks = {(serving / m / str(number) / "saved_model.pb").read_text().split()[1] for m in SYSTEM}
        assert len(marks) == 1
