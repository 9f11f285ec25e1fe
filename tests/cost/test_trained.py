import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.cost import trained as module
from benchmarks.cost.trained import Plan, trained


def test_a_world_that_is_there_is_kept_when_the_training_was_cut_short(tmp_path, monkeypatch):
    called = []

    def arbiter(*arguments):
        called.append(arguments[0])
        if arguments[0] == "run":
            raise subprocess.CalledProcessError(-9, arguments)
        Path(arguments[1]).mkdir()
        (Path(arguments[1]) / "catalogue.jsonl").touch()

    monkeypatch.setattr(module, "_arbiter", arbiter)
    for _ in range(2):
        with pytest.raises(subprocess.CalledProcessError):
            trained(Plan.of(100, seed=1, epochs=None), tmp_path)
    assert called == ["simulate", "run", "run"]


def test_seconds_are_those_of_all_epochs(tmp_path):
    epochs = [{"seconds": 2.0, "dev_seconds": 0.5}, {"seconds": 3.0, "dev_seconds": 0.25}]
    (tmp_path / "training.json").write_text(json.dumps({"epochs": epochs, "resumed_from": 1}))
    assert module._seconds(tmp_path / "training.json") == 5.75
