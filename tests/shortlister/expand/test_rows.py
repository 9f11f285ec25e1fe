import keras
import numpy as np
import pytest

from components.shortlister.expand.rows import SkillRows, skill_rows, with_rows
from tests.shortlister.expand.networks import FORMS, inputs, network


def scores(made, given):
    return keras.ops.convert_to_numpy(made(given))


def equal(one: SkillRows, other: SkillRows):
    for name in ("embedding", "kernel", "bias", "flag"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("form", FORMS)
def test_more_skills_change_nothing_for_the_old_ones(form):
    old = network(**form)
    before = scores(old, inputs())
    grown = with_rows(old, skill_rows(old).joined(skill_rows(old).take(np.array([2, 4]))))
    assert grown.skills == 9
    after = scores(grown, inputs())
    np.testing.assert_allclose(after[:, :7], before, rtol=1e-5, atol=1e-6)
    equal(skill_rows(grown).take(np.arange(7)), skill_rows(old))


def test_a_new_skill_with_an_old_one_s_weights_scores_alike_where_neither_is_enabled():
    old = network()
    grown = with_rows(old, skill_rows(old).joined(skill_rows(old).take(np.array([2, 4]))))
    found = scores(grown, {**inputs(), "enabled": np.zeros((5, 1), np.int32)})
    np.testing.assert_allclose(found[:, 7:], found[:, [2, 4]], rtol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_fewer_skills_change_nothing_for_the_others(form):
    old, left = network(**form), np.array([0, 2, 3, 6])
    fewer = with_rows(old, skill_rows(old).take(left))
    number = np.zeros(8, np.int32)
    number[left + 1] = np.arange(1, 5)
    given = inputs()
    given["enabled"] = np.where(number[given["enabled"]] > 0, given["enabled"], 0)
    moved = {**given, "enabled": number[given["enabled"]]}
    np.testing.assert_allclose(scores(fewer, moved), scores(old, given)[:, left], rtol=1e-5, atol=1e-6)
