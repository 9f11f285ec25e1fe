"""The fingerprint follows content and names, nothing else."""

import os
import shutil

import pytest

from components.ingest.options import REQUEST_PATTERNS
from pipelines.errors import CallError
from pipelines.fingerprint import fingerprint


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "requests").mkdir(parents=True)
    (folder / "catalogue.jsonl").write_text('{"skill_id": "a", "domain": "d"}\n', encoding="utf-8")
    (folder / "requests" / "r.jsonl").write_text('{"request_id": "1", "utterance": "x"}\n', encoding="utf-8")
    return folder


def test_neither_place_nor_time_nor_other_files_matter(data, tmp_path):
    first = fingerprint(data, REQUEST_PATTERNS)
    moved = tmp_path / "elsewhere"
    shutil.copytree(data, moved)
    os.utime(moved / "catalogue.jsonl", (1, 1))
    (moved / "meta.json").write_text("{}", encoding="utf-8")
    (moved / "requests" / "README").write_text("notes", encoding="utf-8")
    assert fingerprint(moved, REQUEST_PATTERNS) == first


@pytest.mark.parametrize("file", ["catalogue.jsonl", "requests/r.jsonl"])
def test_content_matters(data, file):
    first = fingerprint(data, REQUEST_PATTERNS)
    with (data / file).open("a", encoding="utf-8") as lines:
        lines.write("\n")
    assert fingerprint(data, REQUEST_PATTERNS) != first


def test_names_matter(data):
    first = fingerprint(data, REQUEST_PATTERNS)
    (data / "requests" / "r.jsonl").rename(data / "requests" / "s.jsonl")
    assert fingerprint(data, REQUEST_PATTERNS) != first


def test_what_is_no_dataset_is_named(data):
    with pytest.raises(CallError, match="is not a folder"):
        fingerprint(data / "none", REQUEST_PATTERNS)
    (data / "requests" / "r.jsonl").unlink()
    with pytest.raises(CallError, match="has no request files"):
        fingerprint(data, REQUEST_PATTERNS)
    (data / "catalogue.jsonl").unlink()
    with pytest.raises(CallError, match=r"has no catalogue\.jsonl"):
        fingerprint(data, REQUEST_PATTERNS)
