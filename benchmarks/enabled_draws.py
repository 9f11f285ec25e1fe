"""Draws of ten enabled skills: the right one and nine others."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from components.records.skill import Skill

Neighbours = Callable[[int, int], list[int]]
"""Of a skill's number and a count, that many others."""
Lists = npt.NDArray[np.int64]
OTHERS = 9


def by_reviews(skills: Sequence[Skill], right: Sequence[int], *, seed: int) -> Lists:
    """For each right skill, it and nine distinct others in random order: [N, 10].

    A skill is drawn in proportion to one more than its reviews, so that those without any can be drawn.
    """
    weights = np.array([1.0 + (skill.reviews or 0) for skill in skills])
    rng = np.random.default_rng(seed)

    def draw(number: int) -> list[int]:
        shares = weights.copy()
        shares[number] = 0.0
        return list(rng.choice(len(skills), OTHERS, replace=False, p=shares / shares.sum()))

    return _shuffled(right, draw, rng)


def by_neighbourhood(neighbours: Neighbours, right: Sequence[int], *, seed: int) -> Lists:
    """For each right skill, it and its nine neighbours in random order: [N, 10]."""
    return _shuffled(right, lambda number: neighbours(number, OTHERS), np.random.default_rng(seed))


def _shuffled(right: Sequence[int], draw: Callable[[int], list[int]], rng: np.random.Generator) -> Lists:
    return np.array([rng.permutation([number, *draw(number)]) for number in right], np.int64)
