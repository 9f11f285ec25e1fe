"""Random lists: of one hypothesis or several, own and foreign, right and wrong."""

import numpy as np

from components.reranker.lists import Lists


def random_lists(seed: int, *, lists: int = 31, features: int = 5, most: int = 7) -> Lists:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, most + 1, size=lists)
    own = rng.random(lists) < 0.6
    values = rng.normal(size=(sizes.sum(), features))
    values[:, 0] = 1.0
    belongs = np.repeat(own, sizes)
    score = values @ rng.normal(size=features)
    right = belongs & (rng.random(len(values)) < 1 / (1 + np.exp(-score)))
    semer = np.where(right, 0.0, rng.integers(1, 5, size=len(values)) / 3)
    semer[rng.random(len(values)) < 0.1] = np.nan
    return Lists(values, np.cumsum(sizes) - sizes, semer, right, own, rng.uniform(0.3, 2.0, size=lists))
