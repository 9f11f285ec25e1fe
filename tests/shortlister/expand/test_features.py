import dataclasses

import numpy as np
import pytest

from components.shortlister.expand.features import Features, load_features, save_features
from components.shortlister.ragged import Ragged


def features(skills=3, seed=0):
    """Two kept requests a skill, the first with every skill enabled, the second with none."""
    rng = np.random.default_rng(seed)
    lists = np.zeros((2 * skills, skills), np.int32)
    lists[::2] = np.arange(1, skills + 1)
    return Features(
        mean=rng.normal(size=(skills, 4)).astype(np.float32),
        text=rng.normal(size=(skills, 4)).astype(np.float32),
        requests=np.arange(5, 5 + skills, dtype=np.int32),
        enabled=np.arange(skills, dtype=np.int32),
        utterance=rng.normal(size=(2 * skills, 4)).astype(np.float32),
        skill=np.repeat(np.arange(skills, dtype=np.int32), 2),
        lists=Ragged.pack(lists),
    )


def padded(kept: Features):
    return kept.lists.pad(np.arange(len(kept.skill)))


def test_come_back_from_disk(tmp_path):
    kept = features()
    save_features(tmp_path / "features.npz", kept)
    found = load_features(tmp_path / "features.npz")
    for field in dataclasses.fields(Features):
        if field.name != "lists":
            value = getattr(kept, field.name)
            np.testing.assert_allclose(getattr(found, field.name), value, rtol=1e-3)
    np.testing.assert_array_equal(padded(found), padded(kept))


def test_an_older_model_has_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_features(tmp_path / "features.npz")


def test_joined_counts_the_new_skills_after_the_old_ones():
    both = features(3).joined(features(2, seed=1))
    assert len(both) == 5
    assert both.skill.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert both.requests.tolist() == [5, 6, 7, 5, 6]


def test_without_moves_the_others_up_and_takes_the_skill_off_the_lists():
    kept = features(3)
    left = kept.without(np.array([1]))
    np.testing.assert_array_equal(left.mean, kept.mean[[0, 2]])
    np.testing.assert_array_equal(left.utterance, kept.utterance[[0, 1, 4, 5]])
    assert left.skill.tolist() == [0, 0, 1, 1]
    assert padded(left).tolist() == [[1, 2], [0, 0], [1, 2], [0, 0]]
