"""A version is of the kind that its manifest says."""

import shutil

import msgspec
import pytest

from components.records.manifest import Calibration, Manifest
from components.records.servable import FAILED_PRECONDITION, Servable, ServableError
from components.records.version_folder import read_manifest, write_manifest
from tests.saved_models import save_scaler, save_shortlister

MANIFEST = Manifest(
    kind="domain", skill_ids=("a",), domains=("d",), calibration=Calibration(), catalogue_hash="c" * 64
)


@pytest.fixture(scope="module")
def shortlister(tmp_path_factory):
    return save_shortlister(tmp_path_factory.mktemp("kind"))


def refusal(folder):
    with pytest.raises(ServableError) as error:
        Servable.load(folder)
    assert error.value.code == FAILED_PRECONDITION
    return str(error.value)


@pytest.mark.parametrize("kind", ["domain", "hyprank"])
def test_a_model_of_another_kind_is_refused(shortlister, tmp_path, kind):
    folder = shutil.copytree(shortlister, tmp_path / "1")
    assert Servable.load(folder).signatures
    write_manifest(folder, msgspec.structs.replace(read_manifest(folder), kind=kind))
    assert refusal(folder).startswith(f"a {kind} must take ")
    assert refusal(folder).endswith("This model takes enabled string, k int32, utterance string")


def test_a_model_of_somebody_else_has_no_kind(tmp_path):
    folder = save_scaler(tmp_path)
    assert Servable.load(folder).signatures
    write_manifest(folder, MANIFEST)
    assert "must take skill_ids string, utterance string" in refusal(folder)
    (folder / "arbiter.json").write_text('{"kind"')
    assert "arbiter.json is no manifest" in refusal(folder)
