import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.records.twin.skill_ids import SkillIds


@given(st.lists(st.text(max_size=8).map(lambda text: text.encode(errors="ignore").decode()), unique=True))
def test_every_id_is_found_and_no_other(ids):
    skills = SkillIds.of(ids)
    parts = [each.encode() for each in ids]
    assert [skills.id_of(row) for row in range(len(skills))] == parts
    assert skills.rows_of(parts) == list(range(len(ids)))
    assert skills.rows_of([b"no such skill", *parts[::-1]]) == list(range(len(ids)))[::-1]


def test_ids_with_one_hash_are_told_apart():
    assert zlib.crc32(b"plumless") == zlib.crc32(b"buckeroo")
    skills = SkillIds.of(["plumless", "other", "buckeroo"])
    assert skills.rows_of([b"buckeroo", b"plumless"]) == [2, 0]
    assert SkillIds.of(["plumless"]).rows_of([b"buckeroo"]) == []


def test_files(tmp_path):
    SkillIds.of(["a", "ü", ""]).write(tmp_path / "skills")
    skills = SkillIds.open(tmp_path / "skills")
    assert [skills.id_of(row) for row in range(3)] == [b"a", "ü".encode(), b""]
    assert skills.rows_of([b"", b"b", b"a"]) == [2, 0]
    assert np.asarray(skills.rows_of([])).size == 0
