import numpy as np
import pytest

from components.shortlister.expand.fit import FitOptions, fit_rows
from components.shortlister.expand.frozen import FrozenRequests
from components.shortlister.expand.rows import SkillRows, skill_rows
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ragged
from tests.shortlister.expand.networks import FORMS, network

OPTIONS = ShortlisterOptions()


def requests(count=60, skills=9, size=4):
    """Requests of old and new skills, each skill in a direction of its own, with its skill enabled."""
    rng = np.random.default_rng(0)
    skill = np.arange(count, dtype=np.int32) % skills
    centres = 3 * rng.normal(size=(skills, size))
    vectors = centres[skill] + 0.1 * rng.normal(size=(count, size))
    return FrozenRequests(
        vectors.astype(np.float32), skill, Ragged.pack(skill[:, None] + 1), np.ones(count, np.float32)
    )


def zeros(old: SkillRows, count=2) -> SkillRows:
    return SkillRows(
        *(
            None if value is None else np.zeros((count, *value.shape[1:]), np.float32)
            for value in (old.embedding, old.kernel, old.bias, old.flag)
        )
    )


def start_of(made, count=2):
    start = zeros(skill_rows(made), count)
    if made.heads.form == "cosine":  # a direction must have a length
        start.kernel[:] = np.random.default_rng(4).normal(size=start.kernel.shape)
    return start


@pytest.mark.parametrize("form", FORMS)
def test_new_rows_move_and_old_ones_do_not(form):
    made = network(**form)
    before = [weight.numpy().copy() for weight in made.weights]
    options = ShortlisterOptions(**form)
    start = start_of(made)
    found = fit_rows(made, start, requests(), options=options)
    assert len(found) == 2
    assert np.abs(found.kernel - start.kernel).max() > 0.01
    assert all(np.isfinite(v).all() for v in (found.kernel, found.bias, found.flag) if v is not None)
    for weight, value in zip(made.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_a_new_skill_is_told_from_the_old_ones():
    made, given = network(personalisation="none"), requests()
    centres = np.stack([given.utterance[given.skill == skill].mean(axis=0) for skill in range(7)])
    made.heads.kernel.assign(centres)  # old heads that know their skills
    made.heads.bias.assign(-(centres**2).sum(axis=1, keepdims=True) / 2)
    found = fit_rows(made, start_of(made), given, options=OPTIONS)
    kernel = np.concatenate([skill_rows(made).kernel, found.kernel])
    bias = np.concatenate([skill_rows(made).bias, found.bias])
    best = (given.utterance @ kernel.T + bias[:, 0]).argmax(axis=1)
    is_new = given.skill >= 7
    assert (best == given.skill)[is_new].mean() > 0.9
    assert (best >= 7)[~is_new].mean() < 0.1


def test_an_old_request_that_no_new_skill_wants_changes_nothing():
    made, given = network(personalisation="none"), requests()
    centres = np.stack([given.utterance[given.skill == skill].mean(axis=0) for skill in range(7)])
    made.heads.kernel.assign(centres)
    old = np.flatnonzero(given.skill < 7)
    far = FrozenRequests(
        100 * given.utterance[old], given.skill[old], given.lists.take(old), given.weight[old]
    )
    one, two = (fit_rows(made, start_of(made), some, options=OPTIONS) for some in (given, given.joined(far)))
    np.testing.assert_allclose(one.kernel, two.kernel, rtol=1e-3, atol=1e-4)


def test_a_strong_hold_keeps_the_start():
    made = network()
    start = start_of(made)
    found = fit_rows(made, start, requests(), options=OPTIONS, fit=FitOptions(hold=1e6))
    np.testing.assert_allclose(found.kernel, start.kernel, atol=1e-3)


def test_is_the_same_twice():
    made = network()
    one, two = (fit_rows(made, start_of(made), requests(), options=OPTIONS) for _ in range(2))
    np.testing.assert_array_equal(one.kernel, two.kernel)


def test_nothing_to_learn_from_leaves_the_start():
    made = network()
    none = FrozenRequests(
        np.zeros((0, 4), np.float32), np.zeros(0, np.int32), Ragged.empty(0), np.zeros(0, np.float32)
    )
    start = start_of(made)
    assert fit_rows(made, start, none, options=OPTIONS) is start
