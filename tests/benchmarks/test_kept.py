import numpy as np

from benchmarks.kept import once, training_key
from components.shortlister.options import ShortlisterOptions


def test_made_once_and_kept_whole(tmp_path):
    calls = []

    def make():
        calls.append(1)
        return {"weights": np.array([1.5, 2.5])}

    for _ in range(2):
        np.testing.assert_array_equal(once(tmp_path / "new", "a-1", make)["weights"], [1.5, 2.5])
    assert len(calls) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a-1.pickle"]
    once(tmp_path / "new", "a-2", make)
    assert len(calls) == 2


def test_without_a_folder_nothing_is_kept():
    assert [once(None, "a", lambda: 3) for _ in range(2)] == [3, 3]


def test_another_seed_world_or_row_is_another_training():
    first = training_key(("world", 0.9, "flag"), ShortlisterOptions())
    assert first == training_key(("world", 0.9, "flag"), ShortlisterOptions())
    assert first != training_key(("world", 0.9, "flag"), ShortlisterOptions(seed=2))
    assert first != training_key(("world", 0.7, "flag"), ShortlisterOptions())
    assert first != training_key(("world", 0.9, "flag from 0"), ShortlisterOptions())
