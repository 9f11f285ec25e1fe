"""Lists whose right answer depends on rivals, as arrays; where nobody is right, the list says so too.

Four features a hypothesis: how well the text fits, which is the same amount higher or lower for a whole
list; whether the customer has enabled the skill; another signal; and noise. What is right: the fit beside
the others of the list, the other signal, and being the *only* enabled one, which says much where enabling
several says nothing. So a ranker that sees one hypothesis at a time is led astray by a list's level, one that
compares two is not, and only one that sees the list knows who is alone.
"""

import numpy as np

from components.hyprank.lists import RankLists

FEATURES = ("fit", "enabled", "signal", "noise")
KEY = 0
_WIDTH = 5
TABLE = np.vstack([np.zeros((1, 2)), np.eye(2)]).astype(np.float32)
"""A skill table of two skills that say nothing."""


def rival_world(requests: int, *, seed: int, alone: float = 3.0, level: float = 3.0) -> RankLists:
    """Lists of two to five hypotheses by falling fit; a tenth without a right answer, whose fit is lower.

    Args:
        alone: What being the only enabled one adds to a hypothesis' log-odds.
        level: How much the fit of whole lists varies, in standard deviations of that within a list.
    """
    return _draw(requests, seed, alone, level)[0]


def best_possible(requests: int, *, seed: int, alone: float = 3.0, level: float = 3.0) -> float:
    """Top-1 of whoever knows the rule, over the lists with a right answer of the same world."""
    lists, odds = _draw(requests, seed, alone, level)
    best = lists.right[np.arange(requests), odds.argmax(axis=1)]
    return float(best[lists.right.any(axis=1)].mean())


def _draw(requests: int, seed: int, alone: float, level: float) -> tuple[RankLists, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (requests, _WIDTH)
    mask = np.arange(_WIDTH) < rng.integers(2, _WIDTH + 1, size=requests)[:, None]
    gone = rng.random(requests) < 0.1
    fit, signal, noise = (rng.normal(size=shape) for _ in range(3))
    enabled = mask & (rng.random(shape) < 0.4)
    only = enabled & (enabled.sum(axis=1, keepdims=True) == 1)
    odds = np.where(mask, 1.5 * fit + signal + alone * only, -np.inf)  # [N, k]
    winner = (odds + rng.gumbel(size=shape)).argmax(axis=1)
    right = (np.arange(_WIDTH) == winner[:, None]) & ~gone[:, None]
    shown = fit + level * rng.normal(size=(requests, 1)) - 2.0 * gone[:, None]
    features = np.stack([shown, enabled, signal - gone[:, None], noise], axis=-1) * mask[..., None]
    place = np.argsort(np.where(mask, -shown, np.inf), axis=1)
    moved = (np.take_along_axis(array, place, axis=1) for array in (mask, 1 * mask, right, odds))
    mask, skills, right, odds = moved
    features = np.take_along_axis(features, place[..., None], axis=1).astype(np.float32)
    return RankLists(features, mask, skills, right, right, mask), odds
