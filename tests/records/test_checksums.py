"""Checksums of an installed version."""

import pytest

from components.records.checksums import CHECKSUMS, damaged
from components.records.servable import DATA_LOSS, FAILED_PRECONDITION, Servable, ServableError
from components.records.version_folder import folder_hash, install

BOTH = ("saved_model.pb", "encoder")


@pytest.fixture
def installed(tmp_path):
    source = tmp_path / "source"
    (source / "encoder").mkdir(parents=True)
    (source / "saved_model.pb").write_bytes(b"graph")
    (source / "encoder" / "words").write_bytes(b"x" * 3_000_000)
    (source / "encoders").write_bytes(b"other")
    folder = install(source, tmp_path / "m", 1)
    assert folder_hash(folder) == folder_hash(source)
    return folder


def test_an_installed_version_is_whole(installed):
    assert damaged(installed, below=(*BOTH, "encoders")) == []


@pytest.mark.parametrize("damage", [lambda f: f[:-1], lambda f: f[:9] + b"y" + f[10:], lambda f: b""])
def test_a_changed_file_is_found_where_it_is_looked_for(installed, damage):
    file = installed / "encoder" / "words"
    file.write_bytes(damage(file.read_bytes()))
    assert damaged(installed, below=BOTH) == ["encoder/words"]
    assert damaged(installed, below=("saved_model.pb", "enc", "encoders")) == []


def test_a_missing_file_is_damaged_and_one_without_a_note_is_not(installed):
    (installed / "encoder" / "words").unlink()
    (installed / "encoder" / "new").write_bytes(b"")
    assert damaged(installed, below=BOTH) == ["encoder/words"]
    (installed / CHECKSUMS).unlink()
    assert damaged(installed, below=BOTH) == []


def test_a_damaged_version_is_not_loaded(installed):
    (installed / "saved_model.pb").write_bytes(b"Graph")
    with pytest.raises(ServableError, match=r"damaged files: saved_model\.pb") as error:
        Servable.load(installed)
    assert error.value.code == DATA_LOSS
    (installed / CHECKSUMS).write_bytes(b"{")
    with pytest.raises(ServableError, match=r"checksums\.json is damaged") as error:
        Servable.load(installed)
    assert error.value.code == FAILED_PRECONDITION
