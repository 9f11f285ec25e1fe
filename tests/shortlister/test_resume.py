"""A training killed without warning, and begun again, ends with the same weights."""

import os
import signal
import subprocess
import sys

import numpy as np

from tests.shortlister import short_training
from tests.shortlister.world import write_toy


def test_a_killed_training_ends_as_if_it_had_not_been(tmp_path):
    """The one that is killed is saved after every step: it dies in the middle of an epoch."""
    write_toy(tmp_path / "examples", train=150, dev=40)
    where = {name: (tmp_path / "examples", tmp_path / name, tmp_path / f"{name}.npz") for name in ("a", "b")}
    command = [sys.executable, "-m", "tests.shortlister.short_training", *map(str, where["a"])]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in killed.stdout:
        if line.split() == ["epoch", "1"]:
            break
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "a.npz").exists()
    resumed = short_training.main(*where["a"])
    whole = short_training.main(*where["b"])
    assert (resumed.resumed_from, whole.resumed_from) == (1, None)
    with np.load(tmp_path / "a.npz") as found, np.load(tmp_path / "b.npz") as expected:
        assert expected.files == found.files
        for name in expected.files:
            np.testing.assert_array_equal(expected[name], found[name])
