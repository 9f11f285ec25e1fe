import math

import numpy as np
import pytest

from benchmarks.ablations.out_of_scope_weight import MOST, OutOfScopeWeight
from components.shortlister.loss import NO_SKILL, log_odds_shift
from tests.shortlister.world import bare_corpus

SKILLS = 5
SKILL = np.repeat(np.int32([0, NO_SKILL]), 10)
DEV = bare_corpus(20, skill=SKILL, out_of_scope=SKILL == NO_SKILL)


class Fixed:
    """Accepts and answers right as many of ten requests as it is told."""

    skills = SKILLS

    def __init__(self, accepts, right):
        self.accepts, self.right = accepts, right
        self.network = self

    def top(self, corpus, rows, *, k):
        best = np.where(np.arange(len(rows)) < self.accepts, 0.1, -0.1) - log_odds_shift(SKILLS)
        return np.zeros((len(rows), 1), np.int32), best[:, None]

    def first(self, corpus, rows):
        return np.where(np.arange(len(rows)) < self.right, 0, 1)

    def get_weights(self):
        return [self.accepts, self.right]


def test_the_weight_follows_the_rate():
    weight = OutOfScopeWeight(DEV, false_acceptance=0.2)
    assert weight.schedule(1).out_of_scope == 1.0
    weight.after_epoch(1, Fixed(accepts=6, right=0))
    assert weight.schedule(2).out_of_scope == pytest.approx(math.exp(0.5 * (0.6 - 0.2) / 0.2))
    weight.after_epoch(2, Fixed(accepts=0, right=0))
    assert weight.schedule(3).out_of_scope == pytest.approx(math.exp(1.0 - 0.5))
    for epoch in range(3, 20):
        weight.after_epoch(epoch, Fixed(accepts=10, right=0))
    assert weight.schedule(20).out_of_scope == MOST


def test_the_most_accurate_epoch_within_the_rate_is_kept():
    weight = OutOfScopeWeight(DEV, false_acceptance=0.2)
    for epoch, (accepts, right) in enumerate([(9, 9), (4, 9), (2, 5), (0, 7), (1, 7), (3, 10)], start=1):
        weight.after_epoch(epoch, Fixed(accepts, right))
        assert weight.best_epoch == {1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 4}[epoch]
    assert weight.best_weights == [0, 7]


def test_without_out_of_scope_requests_there_is_no_rate():
    with pytest.raises(ValueError, match="`dev` must hold out-of-scope requests"):
        OutOfScopeWeight(bare_corpus(10, skill=SKILL[:10]), false_acceptance=0.1)
    with pytest.raises(ValueError, match=r"`false_acceptance` must be in \(0, 1\)"):
        OutOfScopeWeight(DEV, false_acceptance=1.0)
