import pytest

from components.importers.folder import RequestWriter, new_folder
from components.records.request import Request


def test_a_folder_appears_whole(tmp_path):
    dest = tmp_path / "new" / "set"
    with new_folder(dest) as draft:
        (draft / "a").write_text("1")
        assert not dest.exists()
    assert (dest / "a").read_text() == "1"
    assert [path.name for path in dest.parent.iterdir()] == ["set"]


def test_an_error_leaves_nothing(tmp_path):
    def broken() -> None:
        with new_folder(tmp_path / "set") as draft:
            (draft / "a").write_text("1")
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_may_be_filled_and_another_is_refused(tmp_path):
    dest = tmp_path / "set"
    dest.mkdir()
    with new_folder(dest) as draft:
        (draft / "a").write_text("1")
    with pytest.raises(ValueError, match="`dest` must be a new or an empty folder"), new_folder(dest):
        pass
    with pytest.raises(ValueError, match="`dest` must be"), new_folder(dest / "a"):
        pass
    assert (dest / "a").read_text() == "1"


@pytest.mark.parametrize(("count", "files"), [(0, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
def test_requests_are_sharded(tmp_path, count, files):
    with RequestWriter(tmp_path / "requests", per_file=3) as writer:
        for i in range(count):
            writer.write(Request(request_id=str(i), utterance="hm"))
    found = sorted((tmp_path / "requests").iterdir())
    assert [path.name for path in found] == [f"{i:05d}.jsonl" for i in range(files)]
    assert sum(len(path.read_bytes().splitlines()) for path in found) == count


def test_per_file_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="`per_file` must be positive"):
        RequestWriter(tmp_path, per_file=0)
