import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from components.shortlister.learning_loop.likely_right import LikelyRight, fit_likely_right, likely_labels
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ragged
from tests.shortlister.world import bare_corpus

SKILLS = 6
DRAWN = LikelyRight(slope=0.8, prior=0.5, intercept=-1.0)


def drawn(size, seed=1):
    """Scores, requests a skill, and which are right by `DRAWN`."""
    rng = np.random.default_rng(seed)
    scores, requests = rng.normal(0, 3, size), rng.integers(0, 500, size).astype(np.float64)
    return scores, requests, rng.random(size) < DRAWN.probability(scores, requests)


def test_the_probability_is_the_formula():
    scores, requests, _ = drawn((3, 4))
    expected = 1 / (1 + np.exp(-(0.8 * scores - 0.5 * np.log(1 + requests) - 1.0)))
    np.testing.assert_allclose(DRAWN.probability(scores, requests), expected)
    assert np.isfinite(DRAWN.probability(np.array([-1e30, 1e30]), np.zeros(2))).all()


def test_the_fit_is_a_logistic_regression_and_finds_the_map():
    scores, requests, right = drawn(20_000)
    found = fit_likely_right(scores, requests, right)
    peer = LogisticRegression(C=np.inf, tol=1e-8).fit(np.stack([scores, np.log1p(requests)], 1), right)
    assert (found.slope, -found.prior) == pytest.approx(peer.coef_[0], abs=1e-3)
    assert found.intercept == pytest.approx(peer.intercept_[0], abs=1e-3)
    assert (found.slope, found.prior) == pytest.approx((DRAWN.slope, DRAWN.prior), abs=0.05)


@pytest.mark.parametrize("slope", [0.0, -1.0])
def test_a_map_that_dev_says_nothing_to_gives_no_probability(slope):
    assert not LikelyRight(slope=slope).probability(np.array([5.0, -5.0]), np.ones(2)).any()


class Scores:
    """A scorer whose log-odds of each request of a corpus are in a table, by the request's first word."""

    skills = SKILLS

    def __init__(self, table):
        self._table = table

    def top(self, corpus, rows, *, k):
        scores = self._table[corpus.words.values[rows]]
        numbers = np.argsort(-scores, axis=1)[:, :k].astype(np.int32)
        return numbers, np.take_along_axis(scores, numbers, axis=1).astype(np.float32)


def corpora(requests=400, seed=2):
    """Train and dev of which request n has word n, with two further right skills in dev."""
    rng = np.random.default_rng(seed)
    table = rng.normal(0, 3, (requests, SKILLS))
    every = np.arange(requests)
    words = Ragged(every.astype(np.int32), np.arange(requests + 1))
    skill = rng.integers(0, 3, requests).astype(np.int32)
    skill[5] = NO_SKILL
    others = [
        [int(d) + 1 for d in np.argsort(-table[n])[:3] if d != skill[n]] if skill[n] >= 0 else []
        for n in every
    ]
    train = bare_corpus(requests, words=words, skill=skill)
    return (
        Scores(table),
        train,
        bare_corpus(requests, words=words, skill=skill, also_correct=Ragged.of(others)),
    )


def test_labels_are_the_likely_skills_beside_the_label():
    scorer, train, dev = corpora()
    rows = np.arange(300)  # the rest is text of other origin
    found = likely_labels(scorer, train, dev, rows, likely=0.3)
    requests = np.bincount(train.skill[:300][train.skill[:300] >= 0], minlength=SKILLS).astype(float)
    at = 0
    for row in range(400):
        numbers, scores = scorer.top(train, np.array([row]), k=SKILLS)
        chance = found.map.probability(scores.astype(float), requests[numbers])[0]
        known = row < 300 and train.skill[row] != NO_SKILL
        kept = (chance >= 0.3) & (numbers[0] != train.skill[row]) & known
        labels = found.labels.pad(np.array([row]))[0]
        assert labels[labels > 0].tolist() == (numbers[0][kept] + 1).tolist()
        np.testing.assert_allclose(found.weight[at : at + kept.sum()], chance[kept], rtol=1e-6)
        at += kept.sum()
    assert at == len(found.weight) == len(found.labels.values) > 100
    learnt = train.with_extra(found.labels, found.weight)
    assert learnt.targets(rows[:3]).extra_weight.max() <= 1.0


def test_without_also_correct_in_dev_there_are_no_labels():
    scorer, train, _ = corpora()
    found = likely_labels(scorer, train, train, np.arange(400), likely=0.01)
    assert found.map == LikelyRight()
    assert len(found.labels.values) == 0
    assert len(found.labels.lengths) == len(train)
