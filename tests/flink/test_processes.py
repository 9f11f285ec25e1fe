"""Processes that outlive the command that started them, and what is said where Maven is not there."""

import os
import signal
import time

import pytest

from pipelines.errors import CommandError
from pipelines.flink.libraries import libraries
from pipelines.flink.processes import Processes, Started

SLEEP = ("sleep", "60")


@pytest.fixture
def processes(tmp_path):
    found = Processes(tmp_path)
    yield found
    found.stop()


def gone(started):
    until = time.monotonic() + 10
    while started.lives and time.monotonic() < until:
        time.sleep(0.01)
    return not started.lives


def test_what_lives_is_not_started_again(processes, tmp_path):
    assert processes.start("one", SLEEP)
    assert not processes.start("one", SLEEP)
    assert not Processes(tmp_path).start("one", SLEEP)  # another command finds it
    assert [*processes.find()] == ["one"]


def test_what_was_killed_is_started_again(processes):
    processes.start("one", SLEEP)
    first = processes.find()["one"]
    os.kill(first.pid, signal.SIGKILL)
    assert gone(first)
    assert processes.start("one", SLEEP)
    assert processes.find()["one"].pid != first.pid


def test_what_a_process_started_is_stopped_with_it(processes, tmp_path):
    script = f"sleep 60 & echo $! > {tmp_path / 'child'}; wait"
    processes.start("parent", ("sh", "-c", script))
    until = time.monotonic() + 10
    while not (tmp_path / "child").exists() and time.monotonic() < until:
        time.sleep(0.01)
    parent = processes.find()["parent"]
    child = Started(int((tmp_path / "child").read_text()), SLEEP)
    processes.stop()
    assert gone(parent)
    assert gone(child)
    assert processes.find() == {}


def test_a_process_of_the_same_id_is_another_one(processes):
    assert not Started(os.getpid(), SLEEP).lives


def test_the_log_has_what_it_said_with_the_variables_given(processes):
    processes.start("one", ("sh", "-c", "echo $WORD; echo wrong >&2"), {"WORD": "right"})
    assert gone(processes.find()["one"])
    assert processes.log("one").read_text() == "right\nwrong\n"


def test_without_java_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="apt-get install default-jdk-headless"):
        libraries(tmp_path / "cache")
