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


def around_another(neighbours: Neighbours, skills: int, right: Sequence[int], *, seed: int) -> Lists:
    """For each right skill, one of the neighbourhoods that it is in, in random order: [N, 10].

    A neighbourhood is a skill and its nine neighbours. The right skill's own one counts like any other, so
    that what its ten skills have in common hardly tells which of them is right.

    Args:
        skills: How many there are, K.
    """
    around = [[number, *neighbours(number, OTHERS)] for number in range(skills)]  # [K, 10]
    of: list[list[int]] = [[] for _ in around]
    for centre, members in enumerate(around):
        for member in members:
            of[member].append(centre)
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(around[int(rng.choice(of[number]))]) for number in right], np.int64)


def _shuffled(right: Sequence[int], draw: Callable[[int], list[int]], rng: np.random.Generator) -> Lists:
    return np.array([rng.permutation([number, *draw(number)]) for number in right], np.int64)
