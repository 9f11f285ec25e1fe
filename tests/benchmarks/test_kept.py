from benchmarks.kept import once


def test_made_once_and_kept_whole(tmp_path):
    calls = []

    def make():
        calls.append(1)
        return {"weights": [1.5, 2.5]}

    assert [once(tmp_path / "new", "a-1", make) for _ in range(2)] == [{"weights": [1.5, 2.5]}] * 2
    assert len(calls) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a-1.pickle"]
    once(tmp_path / "new", "a-2", make)
    assert len(calls) == 2


def test_without_a_folder_nothing_is_kept():
    assert [once(None, "a", lambda: 3) for _ in range(2)] == [3, 3]
