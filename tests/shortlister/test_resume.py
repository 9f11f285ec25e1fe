"""A training killed without warning, and begun again, ends with the same weights."""

import os
import signal
import subprocess
import sys

import numpy as np

from tests.shortlister import short_training
from tests.shortlister.world import write_toy


def _start(*arguments):
    command = [sys.executable, "-m", "tests.shortlister.short_training", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_training_ends_as_if_it_had_not_been(tmp_path):
    """It is saved after every step here, so that it is killed in the middle of an epoch."""
    examples = tmp_path / "examples"
    write_toy(examples, train=150, dev=40)
    killed = _start(examples, tmp_path / "kept", tmp_path / "resumed.npz")
    for line in killed.stdout:
        if line.split() == ["epoch", "1"]:
            break
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "resumed.npz").exists()
    again = _start(examples, tmp_path / "kept", tmp_path / "resumed.npz")
    short_training.main(examples, tmp_path / "unused", tmp_path / "whole.npz")
    assert again.wait() == 0
    with np.load(tmp_path / "whole.npz") as expected, np.load(tmp_path / "resumed.npz") as found:
        assert expected.files == found.files
        for name in expected.files:
            np.testing.assert_array_equal(expected[name], found[name])
