"""The files of an artifact are found where the other nodes left them."""

import pytest

from components.records.artifact_files import read_popularity, split_files, split_folder, write_popularity
from components.records.tfrecord import write_records


def test_a_splits_files_are_in_name_order(tmp_path):
    for name in ("b", "a"):
        write_records(split_folder(tmp_path, "dev") / f"{name}.gz", [])
    assert split_files(tmp_path, "dev") == [tmp_path / "Split-dev" / "a.gz", tmp_path / "Split-dev" / "b.gz"]


@pytest.mark.parametrize(("there", "said"), [(["dev", "train"], "dev, train"), ([], "none")])
def test_a_missing_split_is_said_with_those_that_are_there(tmp_path, there, said):
    for split in there:
        write_records(split_folder(tmp_path, split) / "a.gz", [])
    with pytest.raises(FileNotFoundError, match=f"no files of split 'test'; it has {said}"):
        split_files(tmp_path, "test")


def test_popularity_is_written_by_skill_id(tmp_path):
    write_popularity(tmp_path, {"zug": 3, "été": 2})
    assert list(read_popularity(tmp_path).items()) == [("zug", 3), ("été", 2)]
    write_popularity(tmp_path, {"b": 1, "a": 2})
    assert list(read_popularity(tmp_path)) == ["a", "b"]
