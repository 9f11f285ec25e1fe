"""A push holds both forms of a model against what was measured, as closely as its tables are stored."""

import shutil

import pytest

from components.push.push import push
from components.records.version_folder import TWIN, versions
from tests.push.conftest import write_predictions
from tests.saved_models import export_shortlister


def made(folder, **settings):
    """A candidate and what its twin answered."""
    candidate, predictions = export_shortlister(folder / "candidate", **settings), folder / "predictions"
    write_predictions(candidate, predictions)
    return candidate, predictions


def pushed(candidate, predictions, serving):
    return push(
        {"shortlister": candidate}, predictions, serving, in_service={}, blessed=True, verdict="blessed"
    )


@pytest.fixture(scope="module")
def rounded(tmp_path_factory):
    return made(tmp_path_factory.mktemp("int8"))


@pytest.mark.parametrize(
    ("storage", "heads"), [("float32", "two_class"), ("float32", "softmax"), ("int8", "softmax")]
)
def test_both_forms_reproduce(in_process, tmp_path, storage, heads):
    candidate, predictions = made(tmp_path, storage=storage, heads=heads)
    result = pushed(candidate, predictions, tmp_path / "serving")
    assert (result.outcome, result.models[0].version) == ("pushed", 1), result.reason


@pytest.mark.parametrize(("storage", "shift"), [("float32", 1e-4), ("int8", 1e-2)])
def test_a_saved_model_of_slightly_other_weights_is_refused(in_process, tmp_path, storage, shift):
    candidate, predictions = made(tmp_path, storage=storage)
    other, _ = made(tmp_path / "other", storage=storage, shift=shift)
    shutil.copy(other / "saved_model.pb", candidate)
    shutil.copytree(other / "variables", candidate / "variables", dirs_exist_ok=True)
    result = pushed(candidate, predictions, tmp_path / "serving")
    assert result.outcome == "not_reproduced"
    assert "not reproduced by the SavedModel" in result.reason
    assert result.models[0].worst == pytest.approx(shift, rel=0.2)
    assert versions(tmp_path / "serving" / "shortlister") == []


def test_a_twin_of_other_weights_is_refused(in_process, rounded, tmp_path):
    candidate, predictions = rounded
    other, _ = made(tmp_path / "other", shift=1e-3)
    mixed = tmp_path / "mixed"
    shutil.copytree(candidate, mixed)
    shutil.copytree(other / "encoder", mixed / "encoder", dirs_exist_ok=True)
    shutil.copy(other / TWIN, mixed / TWIN)
    result = pushed(mixed, predictions, tmp_path / "serving")
    assert result.outcome == "not_reproduced"
    assert "not reproduced by the twin" in result.reason


def test_a_damaged_twin_is_refused(in_process, rounded, tmp_path):
    candidate, predictions = rounded
    damaged = tmp_path / "damaged"
    shutil.copytree(candidate, damaged)
    (damaged / TWIN).write_bytes(b"nonsense")
    result = pushed(damaged, predictions, tmp_path / "serving")
    assert result.outcome == "not_reproduced"
    assert "the twin in" in result.reason
