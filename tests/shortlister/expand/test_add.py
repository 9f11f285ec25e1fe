import dataclasses

import numpy as np
import pytest

from components.shortlister.expand.add import beside_old
from components.shortlister.expand.fit import FitOptions
from components.shortlister.expand.frozen import FrozenRequests
from components.shortlister.ragged import Ragged
from tests.shortlister.expand.test_features import features


def learnt_from(*counts, old=3):
    """So many requests of each new skill, behind `old` old ones."""
    skill = np.repeat(np.arange(old, old + len(counts), dtype=np.int32), counts)
    return FrozenRequests(
        np.zeros((len(skill), 4), np.float32),
        skill,
        Ragged.empty(len(skill)),
        np.ones(len(skill), np.float32),
    )


def test_a_new_skill_counts_for_no_more_than_the_mean_old_one():
    found = beside_old(
        learnt_from(2, 60), features(3), new=2, fit=FitOptions(crowd=0.0)
    )  # old: 5, 6 and 7 requests
    of_skill = np.bincount(found.skill, weights=found.weight)
    assert of_skill == pytest.approx([5, 6, 7, 2, 6])


def test_old_requests_count_more_the_more_skills_are_new():
    for new, times in ((3, 3.0), (6, 5.0)):
        found = beside_old(learnt_from(*[2] * new), features(3), new=new, fit=FitOptions(crowd=2.0))
        of_skill = np.bincount(found.skill, weights=found.weight)
        assert of_skill == pytest.approx([5 * times, 6 * times, 7 * times, *[2] * new])


def test_without_an_old_request_each_new_one_counts():
    some = features(3)
    none = dataclasses.replace(
        some,
        requests=np.zeros(3, np.int32),
        utterance=some.utterance[:0],
        skill=some.skill[:0],
        lists=Ragged.empty(0),
    )
    found = beside_old(learnt_from(4), none, new=1, fit=FitOptions())
    assert found.weight.tolist() == [1, 1, 1, 1]
