"""The workspace's lock: one holder, named to the next; gone with its process."""

import os
import subprocess
import sys

import pytest

from pipelines.errors import CommandError
from pipelines.lock import exclusive, is_held


def test_a_second_run_is_told_who_holds_the_workspace(tmp_path):
    with (
        exclusive(tmp_path / ".lock"),
        pytest.raises(CommandError, match=f"process {os.getpid()} on .* since") as caught,
        exclusive(tmp_path / ".lock"),
    ):
        pass
    assert caught.value.exit_code == 1
    assert "Wait for it to end" in caught.value.do


def test_whether_it_is_held_can_be_asked_without_taking_it(tmp_path):
    lock = tmp_path / ".lock"
    assert not is_held(lock)
    with exclusive(lock):
        assert is_held(lock)
    assert not is_held(lock)


def test_the_lock_is_free_after_use_and_after_an_error(tmp_path):
    with pytest.raises(KeyError), exclusive(tmp_path / ".lock"):
        raise KeyError
    with exclusive(tmp_path / ".lock"):
        pass


def test_a_killed_holder_leaves_no_lock(tmp_path):
    lock = tmp_path / ".lock"
    code = (
        "import os, pathlib, signal, sys\n"
        "from pipelines.lock import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(lock)], check=False).returncode == -9
    with exclusive(lock):
        pass
