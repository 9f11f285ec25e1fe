import numpy as np
import pytest

from components.domain.calibrate import calibrate
from components.domain.corpus import domain_corpus
from components.domain.network import DomainNetwork
from components.domain.train import Answers, encoder_settings, tag_masks, targets_of
from components.records.domain_schema import domain_schema
from tests.domain.conftest import SMALL
from tests.domain.world import SKILLS, labelled

SCHEMA = domain_schema("Travel & Co", SKILLS, no_intent=False)


@pytest.fixture
def dev():
    rng = np.random.default_rng(3)
    return domain_corpus([labelled(n, rng) for n in range(60)], SCHEMA, encoder_settings(SMALL))


@pytest.fixture
def answers():
    return Answers(
        DomainNetwork(
            intents=len(SCHEMA.intents),
            tags=SCHEMA.tags,
            buckets=SMALL.gram_buckets,
            gram_size=8,
            char_size=4,
            form_size=4,
            hidden_size=12,
        )
    )


def all_answers(answers, corpus):
    domain, intents, tags = np.zeros(len(corpus)), [None] * len(corpus), [None] * len(corpus)
    for rows, scores in answers(corpus):
        for at, row in enumerate(rows):
            domain[row], intents[row] = scores.domain[at], scores.intents[at]
            tags[row] = scores.tags[at, : corpus.lengths[row]]
    return domain, np.array(intents), tags


def test_the_maps_go_into_the_last_layers(answers, dev):
    before, after = all_answers(answers, dev), None
    found = calibrate(answers, dev, SCHEMA, prior=0.3)
    after = all_answers(answers, dev)
    np.testing.assert_allclose(
        after[0], found.domain.slope * before[0] + found.domain.intercept, rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(after[1], found.intents * before[1], rtol=1e-4, atol=1e-6)
    for ours, theirs in zip(after[2], before[2], strict=True):
        np.testing.assert_allclose(ours, found.tags * theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("prior", [0.5, 0.1])
def test_the_domains_odds_assume_the_prior(answers, dev, prior):
    """Weighted so that `prior` of the requests are own, the mean probability of an own one is `prior`."""
    calibrate(answers, dev, SCHEMA, prior=prior)
    domain, _, _ = all_answers(answers, dev)
    p = 1 / (1 + np.exp(-domain))
    mean = prior * p[dev.own].mean() + (1 - prior) * p[~dev.own].mean()
    assert mean == pytest.approx(prior, abs=0.03)


def test_a_network_that_is_too_sure_gets_softer(answers, dev):
    network = answers.network
    network.intents.kernel.assign(np.asarray(network.intents.kernel) * 30)
    network.word_tags.kernel.assign(np.asarray(network.word_tags.kernel) * 30)

    def cost():
        _, intents, _ = all_answers(answers, dev)
        targets = targets_of(dev, np.arange(len(dev)), tag_masks(SCHEMA))
        known = targets.intent >= 0
        logs = intents - np.logaddexp.reduce(intents, axis=-1)[:, None]
        return -logs[known, targets.intent[known]].mean()

    before = cost()
    found = calibrate(answers, dev, SCHEMA, prior=0.5)
    assert found.intents < 1
    assert found.tags < 1
    assert cost() < before


def test_an_empty_dev_split_leaves_all_as_it_is(answers, dev):
    before = [weight.copy() for weight in answers.network.get_weights()]
    nothing = domain_corpus([], SCHEMA, encoder_settings(SMALL))
    found = calibrate(answers, nothing, SCHEMA, prior=0.2)
    assert (found.domain.slope, found.domain.intercept, found.intents, found.tags) == (1.0, 0.0, 1.0, 1.0)
    for ours, theirs in zip(answers.network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
