"""A version is complete or absent."""

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.manifest import Calibration, Manifest, SkillNames
from components.records.version_folder import folder_hash, install, read_manifest, versions, write_manifest

MANIFEST = Manifest(
    kind="shortlister",
    skill_ids=("a", "b"),
    domains=("D", "D"),
    calibration=Calibration(),
    catalogue_hash="00",
)


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    folder = tmp_path / "candidate"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"weights")
    write_manifest(folder, MANIFEST)
    return folder


def test_install_copies_every_byte(candidate: Path, tmp_path: Path) -> None:
    target = install(candidate, tmp_path / "serving" / "shortlister", 7)
    assert folder_hash(target) == folder_hash(candidate)
    assert read_manifest(target) == MANIFEST
    assert versions(tmp_path / "serving" / "shortlister") == [7]


def test_a_version_is_never_overwritten(candidate: Path, tmp_path: Path) -> None:
    install(candidate, tmp_path / "m", 1)
    with pytest.raises(FileExistsError, match="never overwritten"):
        install(candidate, tmp_path / "m", 1)


def test_leftovers_of_a_killed_push_are_no_version_and_are_removed(candidate: Path, tmp_path: Path) -> None:
    model = tmp_path / "m"
    (model / ".draft-3" / "variables").mkdir(parents=True)
    (model / "2").mkdir()  # a folder without saved_model.pb, as a crude copy leaves it
    assert versions(model) == []
    install(candidate, model, 3)
    assert versions(model) == [3]
    assert not list(model.glob(".draft*"))


def test_what_is_no_version_folder_is_refused(tmp_path: Path, candidate: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"saved_model\.pb"):
        install(tmp_path, tmp_path / "m", 1)
    with pytest.raises(ValueError, match="must be positive"):
        install(candidate, tmp_path / "m", 0)


def test_hash_sees_names_and_bytes(candidate: Path) -> None:
    before = folder_hash(candidate)
    (candidate / "saved_model.pb").rename(candidate / "renamed.pb")
    assert folder_hash(candidate) != before


def test_manifest_of_another_format_is_refused(candidate: Path) -> None:
    text = (candidate / "arbiter.json").read_text()
    (candidate / "arbiter.json").write_text(text.replace("{", '{"format": 99,', 1))
    with pytest.raises(ValueError, match="must be 1"):
        read_manifest(candidate)


def test_manifest_wants_a_domain_for_every_skill() -> None:
    with pytest.raises(ValueError, match="one domain per skill"):
        Manifest(kind="x", skill_ids=("a",), domains=(), calibration=Calibration(), catalogue_hash="")
    with pytest.raises(ValueError, match=r"`names` .* Received: 1 for 2 skills"):
        msgspec.structs.replace(MANIFEST, names=(SkillNames(name="A"),))
    with pytest.raises(ValueError, match="Received: named_confidence=1"):
        msgspec.structs.replace(MANIFEST, named_confidence=1.5)


def test_names_come_back_and_a_manifest_without_them_has_none(tmp_path):
    names = (SkillNames(name="A", invocations=("b", "c")), SkillNames())
    manifest = msgspec.structs.replace(MANIFEST, names=names, named_confidence=0.75)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    write_manifest(tmp_path, MANIFEST)
    assert b"name" not in (tmp_path / "arbiter.json").read_bytes()
    assert read_manifest(tmp_path).names == ()


def test_confidence_is_the_logistic_of_the_mapped_score() -> None:
    calibration = Calibration(slope=2.0, margin=0.5, intercept=-1.0)
    assert calibration.confidence(3.0, 3.0) == pytest.approx(1 / (1 + math.exp(-5.0)))
    assert calibration.confidence(2.0, 3.0) == pytest.approx(1 / (1 + math.exp(-(4.0 - 0.5 - 1.0))))


@given(st.floats(-1e30, 1e30))
def test_confidence_is_a_probability_for_any_score(score: float) -> None:
    assert 0.0 <= Calibration(margin=2.0).confidence(score, max(score, 0.0)) <= 1.0
