import math

import keras
import msgspec
import numpy as np
import pytest

from components.shortlister.list_trust import fit_bonus, top_1, trust_lists
from components.shortlister.loss import NO_SKILL
from components.shortlister.predict import Scorer
from components.shortlister.train import build_network
from tests.shortlister.test_train import CATALOGUE, SMALL, read, toy  # noqa: F401


def random_network(**changes):
    """A network that knows nothing: what is promised holds of any."""
    keras.utils.set_random_seed(11)
    network = build_network(msgspec.structs.replace(SMALL, **changes), skills=len(CATALOGUE))
    rng = np.random.default_rng(11)
    for weight in (network.heads.kernel, network.heads.bias, network.heads.flag):
        if weight is not None:
            weight.assign(rng.normal(size=weight.shape))
    return network


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_bonus_has_the_greatest_likelihood():
    rng = np.random.default_rng(3)
    leads = rng.normal(1.0, 2.0, 4000)
    right = rng.random(4000) < sigmoid(leads + 1.7)
    bonus = fit_bonus(leads, right)

    def likelihood(b):
        return np.sum(np.where(right, np.log(sigmoid(leads + b)), np.log(sigmoid(-leads - b))))

    assert bonus == pytest.approx(1.7, abs=0.15)
    assert likelihood(bonus) > max(likelihood(bonus - 0.05), likelihood(bonus + 0.05))


@pytest.mark.parametrize(("right", "sign"), [(True, 1), (False, -1)])
def test_lists_that_are_always_or_never_right_give_a_finite_bonus(right, sign):
    bonus = fit_bonus(np.array([0.0, 1e9, -1e9, 3.0]), np.full(4, right))
    assert math.isfinite(bonus)
    assert bonus * sign > 0


@pytest.fixture(scope="module")
def leads_by_hand(toy):  # noqa: F811
    def of(network, corpus, rows):
        inputs = corpus.inputs(rows)
        scores = np.asarray(network(inputs), np.float64)
        listed = np.zeros(scores.shape, bool)
        for row, ids in enumerate(inputs["enabled"]):
            listed[row, ids[ids > 0] - 1] = True
        inside, outside = (np.log(np.sum(np.exp(scores) * part, axis=1)) for part in (listed, ~listed))
        return inside - outside

    return of


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pointer": False},
        {"personalisation": "attention"},
        {"personalisation": "flag"},
        {"selu": True},
    ],
)
def test_afterwards_an_enabled_skill_is_as_probable_as_it_is_often_right(toy, leads_by_hand, changes):  # noqa: F811
    network = random_network(**changes)
    dev = toy[1]
    rows = dev.scored[dev.enabled.lengths[dev.scored] > 0]
    before = leads_by_hand(network, dev, rows)
    np.testing.assert_allclose(
        Scorer(network, skills=len(CATALOGUE)).beside_lists(dev, rows).lead, before, atol=1e-4
    )
    promised = top_1(Scorer(network, skills=len(CATALOGUE)), dev)
    heads = network.heads
    moved = heads.point if heads.pointer else heads.flag
    began = moved.numpy().copy()
    bonus = trust_lists(network, dev)
    expected = began + (np.array([bonus, 0.0]) if heads.pointer else bonus)
    np.testing.assert_allclose(moved.numpy(), expected, rtol=1e-5)
    right = (dev.enabled.pad(rows) == dev.skill[rows, None] + 1).any(axis=1)
    after = sigmoid(leads_by_hand(network, dev, rows))
    assert np.sum(after) == pytest.approx((right.sum() + 0.5) / (len(rows) + 1) * len(rows), rel=1e-3)
    assert trust_lists(network, dev) == pytest.approx(0.0, abs=1e-3)
    first = Scorer(network, skills=len(CATALOGUE)).first(dev, dev.scored)
    assert promised == np.mean(first == dev.skill[dev.scored])


@pytest.mark.parametrize(
    "changes",
    [
        {"personalisation": "none"},
        {"personalisation": "attention", "pointer": False},
        {"selu": True, "pointer": False},
    ],
)
def test_without_a_flag_to_move_nothing_is_moved(toy, changes):  # noqa: F811
    network = random_network(**changes)
    weights = network.get_weights()
    assert trust_lists(network, toy[1]) == 0.0
    for before, after in zip(weights, network.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_dev_without_a_right_skill_moves_nothing(toy):  # noqa: F811
    network = random_network()
    dev = toy[1]
    assert trust_lists(network, dev.take(np.flatnonzero(dev.skill == NO_SKILL))) == 0.0
