"""A training goes on from a state only where all that its result depends on is the same."""

import sys

import pytest

from components.shortlister import run, training_key
from components.shortlister.options import ShortlisterOptions

OPTIONS = ShortlisterOptions()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"requests")
    return path


def test_equal_content_gives_equal_keys(file, tmp_path):
    again = tmp_path / "elsewhere"
    again.write_bytes(file.read_bytes())
    key = training_key.training_key([file], "catalogue", OPTIONS)
    assert key == training_key.training_key([again], "catalogue", OPTIONS)
    assert len(key) == 16
    int(key, 16)


def test_whatever_changes_changes_the_key(file, monkeypatch):
    keys = [
        training_key.training_key([file], "catalogue", OPTIONS),
        training_key.training_key([file], "another", OPTIONS),
        training_key.training_key([file], "catalogue", ShortlisterOptions(seed=18)),
        training_key.training_key([file, file], "catalogue", OPTIONS),
    ]
    file.write_bytes(b"requestz")
    keys.append(training_key.training_key([file], "catalogue", OPTIONS))
    monkeypatch.setattr(training_key, "_code", lambda: iter(()))
    keys.append(training_key.training_key([file], "catalogue", OPTIONS))
    assert len(set(keys)) == len(keys)


def test_the_code_is_all_that_a_training_imports_of_arbiter():
    assert run.train_shortlister
    used = {
        module.__file__
        for name, module in list(sys.modules.items())
        if name.startswith(("components.shortlister.", "components.records.")) and module.__file__
    }
    assert used <= {str(path) for path in training_key._code()}
