import numpy as np
import pytest

from components.shortlister.checkpoint import Checkpoint, Progress
from components.shortlister.phase import Epoch

EPOCH = Epoch(
    epoch=1, loss=0.1 + 0.2, dev_top1=None, learning_rate=1e-3, seconds=1.5, dev_seconds=0.5,
    requests_per_second=7.0, phase="train",
)  # fmt: skip


def test_comes_back_as_it_was(tmp_path):
    checkpoint = Checkpoint(tmp_path / "made" / "train.npz")
    assert checkpoint.load() is None
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(n, 2)).astype(np.float32) for n in range(12)]
    arrays.append(np.array([2**63 - 1], np.int64))
    progress = Progress(epochs=[EPOCH], best_epoch=1, steps=3, loss=1 / 3)
    checkpoint.save(Progress(), {"best": [np.zeros(1)]})
    checkpoint.save(progress, {"best": arrays, "state": arrays[:1]})
    found, groups = checkpoint.load()
    assert found == progress
    assert [len(group) for group in groups.values()] == [13, 1]
    for a, b in zip(arrays, groups["best"], strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    assert [path.name for path in checkpoint.path.parent.iterdir()] == ["train.npz"]


def test_a_failed_save_leaves_the_last_one(tmp_path):
    class Unreadable:
        def __array__(self, *_):
            raise OSError("no space")

    checkpoint = Checkpoint(tmp_path / "train.npz")
    checkpoint.save(Progress(best_epoch=7), {"best": [np.ones(3)]})
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(Progress(), {"best": [np.zeros(3), Unreadable()]})
    found, groups = checkpoint.load()
    assert found.best_epoch == 7
    assert groups["best"][0].tolist() == [1, 1, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["train.npz"]


def test_long_epochs_are_due(tmp_path):
    assert Checkpoint(tmp_path / "a", every_s=0.0).due
    assert not Checkpoint(tmp_path / "a").due
