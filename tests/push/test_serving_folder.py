"""The serving folder's steps, and that a killed push leaves it whole."""

import os
import signal
import subprocess
import sys
import time

import pytest

from components.push.serving_folder import install_next, locked, make_stable, offer, withdraw
from components.records.models_config import (
    MODELS_CONFIG,
    ModelConfig,
    read_models_config,
    write_models_config,
)
from components.records.version_folder import folder_hash, versions


@pytest.fixture
def fake(tmp_path):
    """Files that stand for a model; no TensorFlow needed."""
    folder = tmp_path / "candidate"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "data").write_bytes(b"weights" * 1000)
    return folder


def config(serving, name="m"):
    return {c.name: c for c in read_models_config(serving / MODELS_CONFIG)}.get(name)


def push_files(candidate, serving, name="m"):
    with locked(serving):
        version = install_next(candidate, serving, name, expected_hash=folder_hash(candidate))
        offer(serving, {name: version})
        make_stable(serving, {name: version})
    return version


def test_the_version_before_is_served_on_until_the_push_after(fake, tmp_path):
    serving = tmp_path / "serving"
    assert push_files(fake, serving) == 1
    assert config(serving) == ModelConfig(
        name="m", base_path=str(serving / "m"), versions=(1,), labels={"stable": 1}
    )
    assert push_files(fake, serving) == 2
    assert (config(serving).versions, config(serving).labels) == ((1, 2), {"stable": 2})
    assert push_files(fake, serving) == 3
    assert (config(serving).versions, config(serving).labels) == ((2, 3), {"stable": 3})
    assert versions(serving / "m") == [1, 2, 3]


def test_each_model_has_its_own_part_of_the_config_for_a_server_of_its_own(fake, tmp_path):
    serving = tmp_path / "serving"
    for name in "mn":
        push_files(fake, serving, name)
    parts = {name: read_models_config(serving / name / MODELS_CONFIG) for name in "mn"}
    assert parts == {name: (config(serving, name),) for name in "mn"}
    with locked(serving):
        make_stable(serving, {}, retired=["n"])
    assert read_models_config(serving / "n" / MODELS_CONFIG) == ()


def test_an_offer_moves_no_label_and_can_be_taken_back(fake, tmp_path):
    serving = tmp_path / "serving"
    push_files(fake, serving)
    with locked(serving):
        offer(serving, {"m": 5})
    assert (config(serving).versions, config(serving).labels) == ((1, 5), {"stable": 1})
    with locked(serving):
        withdraw(serving, {"m": 5})
        offer(serving, {"n": 1})
        withdraw(serving, {"n": 1})
    assert config(serving).versions == (1,)
    assert config(serving, "n") is None


def test_other_models_and_other_labels_stay(fake, tmp_path):
    serving = tmp_path / "serving"
    other = ModelConfig(name="other", base_path="/x", versions=(4,), labels={"stable": 4})
    mine = ModelConfig(
        name="m", base_path=str(serving / "m"), versions=(1, 2), labels={"stable": 1, "canary": 2}
    )
    write_models_config(serving / MODELS_CONFIG, (other, mine))
    for version in (1, 2):
        (serving / "m" / str(version)).mkdir(parents=True)
        (serving / "m" / str(version) / "saved_model.pb").touch()
    assert push_files(fake, serving) == 3
    assert config(serving, "other") == other
    assert config(serving).versions == (1, 2, 3)
    assert config(serving).labels == {"stable": 3, "canary": 2}


def test_a_candidate_that_changed_is_not_installed(fake, tmp_path):
    serving = tmp_path / "serving"
    measured = folder_hash(fake)
    (fake / "variables" / "data").write_bytes(b"other")
    with locked(serving), pytest.raises(ValueError, match="changed while it was pushed"):
        install_next(fake, serving, "m", expected_hash=measured)
    assert versions(serving / "m") == []
    assert not [p for p in (serving / "m").iterdir() if not p.name.startswith(".")]


_SLOW_PUSH = """
import sys, time
from pathlib import Path
from components.records import version_folder
from components.push.serving_folder import install_next, locked
copy = version_folder._copy_durably
def slow(source, target):
    copy(source, target)
    print("copied", flush=True)
    time.sleep(60)
version_folder._copy_durably = slow
candidate, serving = Path(sys.argv[1]), Path(sys.argv[2])
with locked(serving):
    install_next(candidate, serving, "m", expected_hash="")
"""


def test_a_push_killed_in_the_middle_of_the_copy_leaves_nothing_half_written(fake, tmp_path):
    serving = tmp_path / "serving"
    push_files(fake, serving)
    before = (serving / MODELS_CONFIG).read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW_PUSH, str(fake), str(serving)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "copied\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert versions(serving / "m") == [1]
    assert {p.name for p in (serving / "m").iterdir() if p.name.isdigit()} == {"1"}
    assert (serving / MODELS_CONFIG).read_bytes() == before
    assert push_files(fake, serving) == 2  # the lock went with the process, and so does the draft now
    assert sorted(p.name for p in (serving / "m").iterdir()) == ["1", "2", "models.config"]
    assert folder_hash(serving / "m" / "2") == folder_hash(fake)


def test_pushes_of_several_processes_take_turns(fake, tmp_path):
    serving = tmp_path / "serving"
    code = (
        "import sys; from pathlib import Path; from tests.push.test_serving_folder import push_files\n"
        "for _ in range(4): push_files(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])"
    )
    started = time.monotonic()
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(fake), str(serving), name])
        for name in ("m", "m", "n")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert time.monotonic() - started < 60
    assert versions(serving / "m") == list(range(1, 9))
    assert config(serving).labels == {"stable": 8}
    assert config(serving, "n").labels == {"stable": 4}
