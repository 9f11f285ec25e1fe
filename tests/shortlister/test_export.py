import pytest

from components.records.manifest import Calibration, Manifest
from components.records.version_folder import SAVED_MODEL
from components.shortlister.export import export
from components.shortlister.options import ShortlisterOptions
from components.shortlister.train import build_network, text_encoder
from tests.shortlister.world import CATALOGUE


def test_a_failed_export_leaves_no_complete_version(tmp_path, monkeypatch):
    options = ShortlisterOptions(gram_buckets=64).sized(10)
    manifest = Manifest(
        kind="shortlister",
        skill_ids=CATALOGUE.skill_ids,
        domains=tuple(skill.domain for skill in CATALOGUE),
        calibration=Calibration(),
        catalogue_hash="",
    )
    monkeypatch.setattr("components.shortlister.export.write_manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(
            build_network(options, skills=len(CATALOGUE)),
            text_encoder(options),
            manifest,
            tmp_path / "model",
        )
    assert not (tmp_path / "model" / SAVED_MODEL).exists()
    assert not list(tmp_path.glob(".draft-*"))
