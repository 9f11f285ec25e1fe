"""Tastes and devices that shift over the period, and files by week."""

import gzip
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from components.records.parse import parse_request
from components.simulate import SimulateOptions, simulate
from components.simulate.world import START
from tests.simulate.conftest import make

SIZE = {"skills": 53, "customers": 307, "requests": 6_007, "seed": 3, "new_skills": 0.0}


@pytest.fixture(scope="module")
def shifting():
    return make(**SIZE, drift=2.0)


def halves(world):
    """Device to count, skill to count, of the first and of the last third of the period."""
    third = timedelta(days=world.world.options.days / 3)
    found = []
    for low, high in ((0, 1), (2, 3)):
        own = [r for r in world.requests if START + low * third <= r.timestamp < START + high * third]
        found.append((Counter(r.device for r in own), Counter(r.skill_id for r in own if r.skill_id)))
    return found


def moved(before, after):
    """Half the sum of the changes of all shares."""
    a, b = sum(before.values()), sum(after.values())
    return sum(abs(before[one] / a - after[one] / b) for one in {*before, *after}) / 2


def test_without_drift_nothing_else_changes(shifting):
    still = make(**SIZE)
    assert [r.request_id for r in still.requests] == [r.request_id for r in shifting.requests]
    assert [r.timestamp for r in still.requests] == [r.timestamp for r in shifting.requests]
    assert [r.enabled_skills for r in still.requests] == [r.enabled_skills for r in shifting.requests]
    first, last = halves(still)
    assert moved(first[0], last[0]) < 0.05
    assert moved(first[1], last[1]) < 0.2


def test_use_moves_with_the_trend_and_devices_to_newer_ones(shifting):
    first, last = halves(shifting)
    assert moved(first[0], last[0]) > 0.1
    assert moved(first[1], last[1]) > 0.2
    world = shifting.world
    skills = [i for i, skill_id in enumerate(world.skill_ids) if first[1][skill_id] + last[1][skill_id] > 40]
    change = [np.log((last[1][world.skill_ids[i]] + 1) / (first[1][world.skill_ids[i]] + 1)) for i in skills]
    assert np.corrcoef(world.trend[skills], change)[0, 1] > 0.8


def test_files_by_week_hold_the_same_requests(tmp_path):
    options = {"skills": 31, "customers": 101, "requests": 1_009, "days": 24}
    made = simulate(tmp_path / "weekly", SimulateOptions(**options, weekly=True))
    assert made.files == tuple(f"requests/week-{number:02d}.jsonl.gz" for number in range(4))
    read = []
    for number, name in enumerate(made.files):
        lines = gzip.decompress((tmp_path / "weekly" / name).read_bytes()).splitlines()
        own = [parse_request(line) for line in lines]
        assert {(request.timestamp - START).days // 7 for request in own} == {number}
        read += own
    whole = make(**options).requests
    assert sorted(read, key=lambda request: request.request_id) == whole
    again = simulate(tmp_path / "again", SimulateOptions(**options, weekly=True))
    for name in again.files:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "weekly" / name).read_bytes()
