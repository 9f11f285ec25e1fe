import numpy as np
import pytest

from components.shortlister.dev_figures import dev_figures
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ragged
from components.shortlister.reject import reject_features
from tests.shortlister.world import bare_corpus


class Fixed:
    """A scorer whose scores are given: [N, 3]."""

    def __init__(self, scores):
        self.scores = np.array(scores, np.float32)

    def top(self, corpus, rows, *, k):
        numbers = np.argsort(-self.scores[rows], axis=1)[:, :k]
        return numbers.astype(np.int32), np.take_along_axis(self.scores[rows], numbers, 1)

    def reject_features(self, corpus, rows):
        return np.asarray(reject_features(self.scores[rows], np.zeros((len(rows), 2), np.float32)))


def corpus(skill, also, outside):
    return bare_corpus(
        len(skill),
        also_correct=Ragged.of(also),
        skill=np.array(skill, np.int32),
        out_of_scope=np.array(outside),
    )


def test_counts_the_right_skill_and_any_correct_one():
    scores = [[3, 0, 0], [0, 3, 0], [0, 0, 3], [1, 0, 0], [-5, -6, -7]]
    skill, also = [0, 0, 1, NO_SKILL, NO_SKILL], [[], [2], [], [1], []]
    figures = dev_figures(Fixed(scores), corpus(skill, also, [False] * 4 + [True]))
    assert figures.metrics["dev_requests"] == 4
    assert figures.metrics["dev_top1"] == pytest.approx(1 / 3)  # rows 0, 1, 2; also_correct says nothing
    assert figures.metrics["dev_top1_any_correct"] == pytest.approx(
        3 / 4
    )  # row 1: id 2 is skill 1; row 3: skill 0
    assert figures.metrics["dev_top5"] == 1.0
    assert figures.refusal is None
    assert "dev has 1 out-of-scope requests and 4 with a right skill" in figures.no_refusal


def test_nothing_labelled_gives_the_identity():
    figures = dev_figures(Fixed([[1, 0, 0]]), corpus([NO_SKILL], [[]], [False]))
    assert (figures.calibration.slope, figures.refusal) == (1.0, None)
    assert figures.metrics == {"dev_requests": 0.0}


def test_low_scores_are_refused():
    rng = np.random.default_rng(4)
    outside = np.arange(300) >= 200
    scores = rng.normal(scale=0.5, size=(300, 3)) + np.where(outside[:, None], -4.0, [3.0, -3.0, -3.0])
    skill = np.where(outside, NO_SKILL, 0)
    figures = dev_figures(Fixed(scores), corpus(skill, [[]] * 300, outside), false_acceptance=0.05)
    assert figures.no_refusal is None
    assert (figures.refusal.in_scope, figures.refusal.out_of_scope) == (200, 100)
    assert figures.metrics["dev_false_acceptance_bound"] == figures.refusal.bound <= 0.05
    assert figures.metrics["dev_false_rejection"] == 0.0
