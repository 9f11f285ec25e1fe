"""A push holds both forms of a model against what was measured, as closely as its tables are stored."""

import shutil

import keras
import pytest

from components.push.push import push
from components.records.encoding.limits import CHAR_IDS
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.records.manifest import Calibration, Manifest
from components.records.version_folder import TWIN, versions
from components.shortlister.export import export
from components.shortlister.network import Network
from tests.push.conftest import write_predictions
from tests.saved_models import DOMAINS, SKILLS

SIZES = {"word_buckets": 37, "gram_buckets": 67}


def made(folder, storage, heads, shift=0.0):
    """A network with random weights, all scores higher by `shift`, exported, and what its twin answered."""
    keras.utils.set_random_seed(3)
    network = Network(skills=len(SKILLS), char_ids=CHAR_IDS, utterance_size=11, heads=heads, **SIZES)
    network.heads.kernel.assign(network.heads.kernel * 5.0)
    network.heads.bias.assign(network.heads.bias + shift)
    manifest = Manifest(
        kind="shortlister",
        skill_ids=SKILLS,
        domains=DOMAINS,
        calibration=Calibration(),
        catalogue_hash="",
    )
    candidate, predictions = folder / "candidate", folder / "predictions"
    encoder = TextEncoder(EncoderSettings(**SIZES))
    export(network, encoder, manifest, candidate, warmup=[("music", SKILLS[:1])], storage=storage)
    write_predictions(candidate, predictions)
    return candidate, predictions


def pushed(candidate, predictions, serving):
    return push(candidate, predictions, serving, "shortlister", blessed=True, verdict="blessed")


@pytest.fixture(scope="module")
def rounded(tmp_path_factory):
    return made(tmp_path_factory.mktemp("int8"), "int8", "two_class")


@pytest.mark.parametrize(
    ("storage", "heads"), [("float32", "two_class"), ("float32", "softmax"), ("int8", "softmax")]
)
def test_both_forms_reproduce(in_process, tmp_path, storage, heads):
    candidate, predictions = made(tmp_path, storage, heads)
    result = pushed(candidate, predictions, tmp_path / "serving")
    assert (result.outcome, result.version) == ("pushed", 1), result.reason


@pytest.mark.parametrize(("storage", "shift"), [("float32", 1e-4), ("int8", 1e-2)])
def test_a_saved_model_of_slightly_other_weights_is_refused(in_process, tmp_path, storage, shift):
    candidate, predictions = made(tmp_path, storage, "two_class")
    other, _ = made(tmp_path / "other", storage, "two_class", shift=shift)
    shutil.copy(other / "saved_model.pb", candidate)
    shutil.copytree(other / "variables", candidate / "variables", dirs_exist_ok=True)
    result = pushed(candidate, predictions, tmp_path / "serving")
    assert result.outcome == "not_reproduced"
    assert "not reproduced by the SavedModel" in result.reason
    assert result.worst == pytest.approx(shift, rel=0.2)
    assert versions(tmp_path / "serving" / "shortlister") == []


def test_a_twin_of_other_weights_is_refused(in_process, rounded, tmp_path):
    candidate, predictions = rounded
    other, _ = made(tmp_path / "other", "int8", "two_class", shift=1e-3)
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
