"""The workspace's lock: one holder, named to the next, or several that share it; gone with its process."""

import os
import subprocess
import sys

import pytest

from pipelines.errors import CommandError
from pipelines.lock import exclusive, shared


def test_a_second_run_is_told_who_holds_the_workspace(tmp_path):
    with (
        exclusive(tmp_path / ".lock"),
        pytest.raises(CommandError, match=f"process {os.getpid()} on .* since") as caught,
        exclusive(tmp_path / ".lock"),
    ):
        pass
    assert caught.value.exit_code == 1
    assert "Wait for it to end" in caught.value.do


def test_any_number_share_it_and_nobody_has_it_alone_meanwhile(tmp_path):
    lock = tmp_path / ".lock"
    with shared(lock), shared(lock):
        with pytest.raises(CommandError, match="domains are being updated"), exclusive(lock):
            pass
        with shared(lock):  # whoever was refused has left it as it was
            pass
    with exclusive(lock), pytest.raises(CommandError, match=f"process {os.getpid()}"), shared(lock):
        pass


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
