"""Customers: what they like, what they enabled before they speak, what they own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.records.splits import Shares, hashed_split
from components.simulate.world import DEVICES, World, generator

GROUP = 128
"""Customers are drawn in groups of this size; a customer is the same whatever the number of the others."""

_CUSTOMERS = 2  # what a generator's key says it is for
_LIKED = 3  # domains that a customer likes
_DRAWS = 2  # draws per enabled skill that is wanted; what is drawn twice is enabled once
_AFFINITY = 1.0  # spread of how fond customers are of each enabled skill, in log units
_ACTIVITY = 1.0  # spread of how much customers speak, in log units
_SHARES = Shares()


def customer_id(customer: int) -> str:
    return f"c{customer:07d}"


class Customers(NamedTuple):
    """One group of customers.

    Glossary of shapes: C customers of the group, E longest enabled list, padded with -1.

    Attributes:
        ids: Their ids [C].
        splits: The split that their id falls into by the default shares [C].
        enabled: Skill numbers in random order; a skill that is new is there from its first day [C, E].
        fondness: Log of how often each enabled skill is used, apart from everything the list tells [C, E].
        liked: Domains they like [C, _LIKED].
        devices: Two devices, the first used more [C, 2].
        activity: Running sum of how much each speaks, ending in 1 [C].
    """

    ids: list[str]
    splits: list[str]
    enabled: NDArray[np.int64]
    fondness: NDArray[np.float64]
    liked: NDArray[np.int64]
    devices: NDArray[np.int64]
    activity: NDArray[np.float64]


def make_customers(world: World, group: int, count: int) -> Customers:
    """The first `count` customers of a group."""
    options = world.options
    rng = generator(options.seed, _CUSTOMERS, group)
    liked = np.searchsorted(world.cumulative[1:-1], rng.random((GROUP, _LIKED)), side="right")
    liked = world.domain[liked]
    # Lists are long-tailed above a floor: few customers have one skill only.
    floor = min(3.0, options.enabled_mean)
    wanted = floor + rng.standard_exponential(GROUP) * (options.enabled_mean - floor)
    wanted = np.minimum(np.floor(wanted + rng.random(GROUP)), 4 * options.enabled_mean).astype(np.int64)
    width = int(4 * options.enabled_mean) + 1
    drawn = draw_skills(world, rng, liked, width * _DRAWS)  # [GROUP, width * _DRAWS]
    enabled = _keep_first(drawn, np.minimum(wanted, len(world.domain)), width, rng)
    noise = rng.standard_normal(enabled.shape)
    devices = (rng.random((GROUP, 2)) ** (1.7, 1.0) * len(DEVICES)).astype(np.int64)
    activity = np.exp(_ACTIVITY * rng.standard_normal(GROUP))[:count].cumsum()
    ids = [customer_id(group * GROUP + c) for c in range(count)]
    return Customers(
        ids=ids,
        splits=[hashed_split(f"c:{one}", _SHARES) for one in ids],
        enabled=enabled[:count],
        fondness=_AFFINITY * noise[:count],
        liked=liked[:count],
        devices=devices[:count],
        activity=activity / activity[-1],
    )


def draw_skills(
    world: World, rng: np.random.Generator, liked: NDArray[np.int64], draws: int
) -> NDArray[np.int64]:
    """Skills by popularity, a share of them from the domains liked: [N, _LIKED] → [N, draws]."""
    shape = (len(liked), draws)
    of_taste = rng.random(shape) < world.options.taste
    which = (rng.random(shape) * liked.shape[1]).astype(np.int64)
    domain = np.take_along_axis(liked, which, axis=1)
    low = np.where(of_taste, world.cumulative[world.first[domain]], 0.0)
    high = np.where(of_taste, world.cumulative[world.first[domain] + world.size[domain]], 1.0)
    at = low + rng.random(shape) * (high - low)
    drawn: NDArray[np.int64] = np.searchsorted(world.cumulative[1:-1], at, side="right")
    return drawn


def _keep_first(
    drawn: NDArray[np.int64], wanted: NDArray[np.int64], width: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The first `wanted` distinct skills of each row, shuffled, padded with -1: [N, M] → [N, width]."""
    order = np.argsort(drawn, axis=1, kind="stable")
    ordered = np.take_along_axis(drawn, order, axis=1)
    repeated = np.zeros(drawn.shape, dtype=bool)
    again = ordered[:, 1:] == ordered[:, :-1]
    np.put_along_axis(repeated, order[:, 1:], again, axis=1)
    kept = ~repeated
    kept &= np.cumsum(kept, axis=1) <= wanted[:, None]
    # Kept skills come first, in the order of fresh random numbers: the place in the list tells nothing.
    key = np.where(kept, rng.random(drawn.shape), 2.0)
    shuffled = np.argsort(key, axis=1)[:, :width]
    return np.where(
        np.take_along_axis(kept, shuffled, axis=1), np.take_along_axis(drawn, shuffled, axis=1), -1
    )
