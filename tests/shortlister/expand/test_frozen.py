import dataclasses

import numpy as np
import pytest

from components.shortlister.expand.frozen import FrozenRequests, afterwards, reservoir
from components.shortlister.ragged import Ragged
from tests.shortlister.expand.test_features import features

OLD, SKILLS = 5, 8


def requests(count=4000, listed=2):
    """Requests of 5 old and 3 new skills; every list has this many old skills, a new skill's also itself."""
    rng = np.random.default_rng(6)
    skill = (np.arange(count) % SKILLS).astype(np.int32)
    lists = np.zeros((count, listed + 1), np.int32)
    lists[:, :listed] = rng.permuted(np.tile(np.arange(1, OLD + 1), (count, 1)), axis=1)[:, :listed]
    lists[:, listed] = np.where(skill >= OLD, skill + 1, 0)
    vectors = np.arange(count, dtype=np.float32)[:, None]
    return FrozenRequests(vectors, skill, Ragged.pack(lists), np.ones(count, np.float32))


def after(given, *, newcomers=1.0, random_lists=0.5, seed=0):
    return afterwards(
        given,
        old=OLD,
        skills=SKILLS,
        newcomers=newcomers,
        random_lists=random_lists,
        rng=np.random.default_rng(seed),
    )


def padded(found):
    return found.lists.pad(np.arange(len(found)))


def test_old_requests_get_new_skills_as_often_as_they_have_old_ones():
    given = requests()
    found = padded(after(given, random_lists=0.0))[given.skill < OLD]
    times = np.array([(found == skill + 1).sum() for skill in range(SKILLS)])
    assert times[OLD:].mean() == pytest.approx(times[:OLD].mean(), rel=0.1)


def test_none_come_to_lists_that_are_empty_or_when_none_are_asked_for():
    given = requests()
    assert not (padded(after(given, newcomers=0.0, random_lists=0.0))[given.skill < OLD] > OLD).any()
    empty = dataclasses.replace(given, lists=Ragged.empty(len(given)))
    assert after(empty).lists.lengths.sum() == 0


def test_some_requests_come_with_another_s_list():
    given = requests(800)
    found = after(given, random_lists=0.3)
    np.testing.assert_array_equal(found.skill, given.skill)
    np.testing.assert_array_equal(found.utterance, given.utterance)
    np.testing.assert_array_equal(found.weight, given.weight)
    own = (padded(found) == given.skill[:, None] + 1).any(axis=1)[given.skill >= OLD]
    assert 0.6 < own.mean() < 0.8  # 0.7, and a few by chance


def test_without_random_lists_each_request_keeps_its_own():
    given = requests(80)
    found = after(given, newcomers=0.0, random_lists=0.0)
    np.testing.assert_array_equal(padded(found), given.lists.pad(np.arange(80)))
    np.testing.assert_array_equal(found.weight, given.weight)


def test_the_reservoir_stands_for_all_requests_of_each_skill():
    kept = reservoir(features(3), protect=2.0)
    assert kept.weight.tolist() == [5, 5, 6, 6, 7, 7]  # two kept of 5, 6 and 7 requests, each for two
    fewer = reservoir(features(3), protect=2.0, most=4)
    assert len(fewer) == 4
    assert fewer.weight.sum() == pytest.approx(36)
    assert not reservoir(features(3), protect=0.0, most=4).weight.any()
