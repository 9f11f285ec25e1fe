"""Random lists of hypotheses as arrays: empty ones, lists of one, several right answers or none, unknowns."""

import numpy as np

from components.hyprank.lists import RankLists

FEATURES, SKILL_FEATURES, SKILLS, KEY = 11, 7, 13, 2


def random_lists(seed: int, *, lists: int = 29, most: int = 5) -> RankLists:
    rng = np.random.default_rng(seed)
    mask = np.arange(most) < rng.integers(0, most + 1, size=lists)[:, None]
    features = rng.normal(size=(lists, most, FEATURES)).astype(np.float32) * mask[..., None]
    right = mask & (rng.random(mask.shape) < 0.3)
    return RankLists(
        features=features,
        mask=mask,
        skills=np.where(mask, rng.integers(0, SKILLS + 1, size=mask.shape), 0),
        right=right,
        right_any=right | (mask & (rng.random(mask.shape) < 0.1)),
        known=mask & (rng.random(mask.shape) < 0.9),
    )


def random_table(seed: int = 0) -> np.ndarray:
    table = np.random.default_rng(seed).normal(size=(SKILLS + 1, SKILL_FEATURES)).astype(np.float32)
    table[0] = 0.0
    return table
