"""Worlds that several tests look at."""

from typing import NamedTuple

import pytest

from components.records.request import Request
from components.simulate.grammar import Grammar
from components.simulate.options import SimulateOptions
from components.simulate.requests import requests
from components.simulate.world import World


class Simulated(NamedTuple):
    world: World
    requests: list[Request]


def make(**options: float) -> Simulated:
    world = World(SimulateOptions(**options), Grammar())
    return Simulated(world, list(requests(world)))


@pytest.fixture(scope="session")
def small() -> Simulated:
    """A world of 211 skills with every default but its size."""
    return make(skills=211, customers=307, requests=5_003, seed=11)
