import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.feed import fed, planned
from components.shortlister.ragged import Ragged
from tests.shortlister.world import bare_corpus


@pytest.fixture
def corpus():
    words = Ragged.of([[1 + n] * (1 + n % 4) for n in range(23)])
    return bare_corpus(
        23,
        words=words,
        enabled=Ragged.of([[100 + n] for n in range(23)]),
        skill=np.arange(23, dtype=np.int32),
        weight=np.linspace(0.1, 1.0, 23, dtype=np.float32),
    )


def test_batches_come_as_planned(corpus):
    plan = planned(corpus, np.arange(0, 23, 2), size=5, random_share=0.5, rng=np.random.default_rng(1))
    assert sorted(np.concatenate([rows for rows, _ in plan]).tolist()) == list(range(0, 23, 2))
    found = list(fed(corpus, plan, tf.distribute.get_strategy()))
    assert len(found) == len(plan) == 3
    for (rows, lists), (inputs, targets, share) in zip(plan, found, strict=True):
        assert float(share) == 1.0
        assert targets.skill.numpy().tolist() == rows.tolist()
        np.testing.assert_array_equal(targets.weight, corpus.weight[rows])
        for name, values in corpus.inputs(rows, lists).items():
            np.testing.assert_array_equal(inputs[name], values)


def test_an_error_in_the_cutting_is_not_lost(corpus):
    with pytest.raises(tf.errors.UnknownError, match="IndexError"):
        list(fed(corpus, [(np.array([99]), np.array([0]))], tf.distribute.get_strategy()))
