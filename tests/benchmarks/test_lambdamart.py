"""The peer of HypRank: it finds a rule that no feature tells alone, and never puts padding first."""

import numpy as np

from benchmarks.lambdamart import lambdamart
from components.hyprank.lists import RankLists

TABLE = np.array([[0.0], [1.0], [2.0]], np.float32)


def world(size, seed):
    """The right one has the larger sum of its own feature and its skill's."""
    rng = np.random.default_rng(seed)
    mask = np.arange(4) < rng.integers(2, 5, size=size)[:, None]
    features = rng.normal(size=(size, 4, 1)).astype(np.float32)
    skills = rng.integers(1, 3, size=(size, 4)) * mask
    worth = np.where(mask, features[..., 0] + TABLE[skills, 0], -np.inf)
    right = np.arange(4) == worth.argmax(axis=1)[:, None]
    return RankLists(features * mask[..., None], mask, skills, right, right, mask)


def test_it_learns_from_features_and_skills():
    test = world(400, 2)
    scores = lambdamart(world(600, 0), world(200, 1), test, TABLE, seed=1)
    assert scores.shape == test.mask.shape
    assert (np.isneginf(scores) == ~test.mask).all()
    assert test.right[np.arange(400), scores.argmax(axis=1)].mean() > 0.9
