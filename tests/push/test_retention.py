"""Old versions leave the disk after a push, and their numbers are not given again."""

import json

import pytest

from components.push.retention import remove_old
from components.push.rollback import RollbackError, rollback
from components.push.serving_folder import locked, stable_versions
from components.records.models_config import MODELS_CONFIG, read_models_config, write_models_config
from components.records.version_folder import folder_hash, versions
from tests.push.fakes import MUSIC, SYSTEM, fake_system, push_fakes


def log(serving):
    return [json.loads(line) for line in (serving / "push_log.jsonl").read_text().splitlines()]


def push_music(tmp_path, times):
    serving = tmp_path / "serving"
    for _ in range(times):
        number = len(log(serving))
        now = stable_versions(serving)
        assert push_fakes(fake_system(tmp_path, f"after-{number}", MUSIC), serving, now).pushed


@pytest.fixture
def serving(tmp_path):
    """Five versions of one domain's model, and one of every other."""
    assert push_fakes(fake_system(tmp_path, "first"), tmp_path / "serving").pushed
    push_music(tmp_path, 4)
    return tmp_path / "serving"


def test_the_newest_five_stay(serving, tmp_path):
    assert versions(serving / MUSIC) == [1, 2, 3, 4, 5]
    removed = folder_hash(serving / MUSIC / "1")
    push_music(tmp_path, 1)
    assert versions(serving / MUSIC) == [2, 3, 4, 5, 6]
    assert sorted(path.name for path in (serving / MUSIC).iterdir()) == [*"23456", MODELS_CONFIG]
    pushed, line = log(serving)[-2:]
    assert line == {
        "time": pushed["time"],
        "model": MUSIC,
        "outcome": "removed",
        "reason": "older than the newest 5",
        "version": 1,
        "hash": removed,
    }
    assert [versions(serving / model) for model in SYSTEM if model != MUSIC] == [[1]] * 3
    with pytest.raises(RollbackError, match="has no version 1"):
        rollback(serving, model=MUSIC, version=1, reason="x")


def test_what_is_served_labelled_or_was_before_stays_however_old(serving, tmp_path):
    for _ in range(2):  # version 3, before that 2
        rollback(serving, model=MUSIC, reason="x")
    push_music(tmp_path, 1)
    configs = {config.name: config for config in read_models_config(serving / MODELS_CONFIG)}
    assert (configs[MUSIC].versions, configs[MUSIC].labels) == ((3, 6), {"stable": 6})
    with locked(serving):
        remove_old(serving, [MUSIC], keep=1, time=log(serving)[-1]["time"])
    assert versions(serving / MUSIC) == [3, 6]
    assert rollback(serving, model=MUSIC, reason="x").in_service[MUSIC] == 3


def test_a_label_keeps_a_version(serving):
    configs = {config.name: config for config in read_models_config(serving / MODELS_CONFIG)}
    music = configs[MUSIC]
    configs[MUSIC] = type(music)(
        name=MUSIC, base_path=music.base_path, versions=(1, 4, 5), labels={"stable": 5, "canary": 1}
    )
    write_models_config(serving / MODELS_CONFIG, tuple(configs.values()))
    with locked(serving):
        remove_old(serving, [MUSIC], keep=1, time=log(serving)[-1]["time"])
    assert versions(serving / MUSIC) == [1, 4, 5]


def test_a_removed_number_is_not_given_again(serving, tmp_path):
    rollback(serving, model=MUSIC, version=1, reason="x")
    for number in (2, 3, 4, 5):
        for path in (serving / MUSIC / str(number)).iterdir():
            path.unlink()
        (serving / MUSIC / str(number)).rmdir()
    push_music(tmp_path, 1)
    assert versions(serving / MUSIC) == [1, 6]


def test_a_push_that_fails_removes_nothing(serving, tmp_path):
    push_music(tmp_path, 1)
    before = versions(serving / MUSIC)
    old = dict.fromkeys(SYSTEM, 1)
    assert push_fakes(fake_system(tmp_path, "late", MUSIC), serving, old).outcome == "superseded"
    assert versions(serving / MUSIC) == before
