import numpy as np
import pytest

from components.domain.loss import Targets, losses
from components.domain.network import Scores


def log_softmax(values):
    return values - np.log(np.exp(values).sum(axis=-1, keepdims=True))


RNG = np.random.default_rng(7)
SCORES = Scores(
    RNG.normal(size=3).astype(np.float32),
    RNG.normal(size=(3, 5)).astype(np.float32),
    RNG.normal(size=(3, 2, 7)).astype(np.float32),
    RNG.normal(size=(3, 2, 4)).astype(np.float32),
)
TARGETS = Targets(
    own=np.array([1, 0, 1], np.float32),
    intent=np.array([4, -1, 2], np.int32),
    tags=np.array([[0, 3], [-1, -1], [5, -1]], np.int32),
    allowed=np.array([[True, True, False, True, False, False, False]] * 3),
    all_tags=np.array([[1, 0], [3, -1], [-1, -1]], np.int32),
    weight=np.ones(3, np.float32),
)


def test_by_hand():
    found = losses(SCORES, TARGETS)
    p = 1 / (1 + np.exp(-SCORES.domain))
    assert float(found.domain) == pytest.approx(-np.log([p[0], 1 - p[1], p[2]]).mean(), rel=1e-5)
    intents = log_softmax(SCORES.intents)
    assert float(found.intent) == pytest.approx(-(intents[0, 4] + intents[2, 2]) / 2, rel=1e-5)
    tags = log_softmax(SCORES.tags[0][:, [0, 1, 3]])
    assert float(found.tags) == pytest.approx(-(tags[0, 0] + tags[1, 2]), rel=1e-5)  # tag 5 is not declared
    everywhere = log_softmax(SCORES.all_tags)
    of_two = -(everywhere[0, 0, 1] + everywhere[0, 1, 0] + everywhere[1, 0, 3]) / 2
    assert float(found.all_tags) == pytest.approx(of_two, rel=1e-5)
    assert float(losses(SCORES._replace(all_tags=None), TARGETS).all_tags) == 0.0


def test_a_request_of_twice_the_weight_costs_twice_as_much():
    weight = np.array([2.0, 0.5, 1.0], np.float32)
    found = losses(SCORES, TARGETS._replace(weight=weight))
    p = 1 / (1 + np.exp(-SCORES.domain))
    each = -np.log([p[0], 1 - p[1], p[2]])
    assert float(found.domain) == pytest.approx((weight * each).mean(), rel=1e-5)
    intents = log_softmax(SCORES.intents)
    of_intent = -(2.0 * intents[0, 4] + 1.0 * intents[2, 2]) / 2
    assert float(found.intent) == pytest.approx(of_intent, rel=1e-5)
    tags = log_softmax(SCORES.tags[0][:, [0, 1, 3]])
    assert float(found.tags) == pytest.approx(-2.0 * (tags[0, 0] + tags[1, 2]), rel=1e-5)
    everywhere = log_softmax(SCORES.all_tags)
    of_two = -(2.0 * (everywhere[0, 0, 1] + everywhere[0, 1, 0]) + 0.5 * everywhere[1, 0, 3]) / 2
    assert float(found.all_tags) == pytest.approx(of_two, rel=1e-5)


def test_what_nothing_teaches_is_zero():
    nothing = Targets(
        own=TARGETS.own,
        intent=np.full(3, -1, np.int32),
        tags=np.full((3, 2), -1, np.int32),
        allowed=TARGETS.allowed,
        all_tags=np.full((3, 2), -1, np.int32),
        weight=TARGETS.weight,
    )
    found = losses(SCORES, nothing)
    assert (float(found.intent), float(found.tags), float(found.all_tags)) == (0.0, 0.0, 0.0)


def test_extreme_scores():
    found = losses(Scores(*(values * 1e6 for values in SCORES)), TARGETS)
    assert all(np.isfinite(float(loss)) for loss in found)
