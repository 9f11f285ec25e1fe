import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.learning_loop.self_distillation import self_distillation_loss
from components.shortlister.loss import balanced_loss
from components.shortlister.negatives import draw
from components.shortlister.options import ShortlisterOptions

SKILLS, NEGATIVES = 7, 2
BINARY = ShortlisterOptions(heads="sigmoid")
NAMED = np.array([3, 0, 5, 3])  # skills 2 and 4, one of them twice, and padding
RNG = np.random.default_rng(2)
SCORES = RNG.normal(scale=2, size=(2, SKILLS)).astype(np.float32)
TEACHER = RNG.normal(scale=2, size=(2, SKILLS)).astype(np.float32)
RIGHT = np.array([2, 4])


def drawn(times, negatives=NEGATIVES, named=NAMED):
    seed = keras.random.SeedGenerator(1)
    sample = tf.function(lambda: draw(named, skills=SKILLS, negatives=negatives, seed=seed))
    return [(found.skills.numpy(), found.log_weights.numpy()) for found in (sample() for _ in range(times))]


def test_named_are_certain_and_the_others_evenly_drawn():
    counts = np.zeros(SKILLS)
    for skills, log_weights in drawn(600):
        assert len(set(skills)) == 4
        np.testing.assert_allclose(
            np.exp(log_weights), np.where(np.isin(skills, [2, 4]), 1.0, 5 / 2), rtol=1e-6
        )
        counts[skills] += 1
    assert counts[2] == counts[4] == 600
    np.testing.assert_allclose(np.delete(counts, [2, 4]) / 600, NEGATIVES / 5, atol=0.08)


@pytest.mark.parametrize("named", [NAMED, np.arange(1, SKILLS + 1), np.zeros(0, int)])
def test_more_than_there_are_is_all_of_them(named):
    ((skills, log_weights),) = drawn(1, negatives=50, named=named)
    assert sorted(skills) == list(range(SKILLS))
    assert not log_weights.any()


def loss(name, scores, teacher, right, log_weights):
    if name == "distilled":
        return self_distillation_loss(scores, teacher, BINARY, log_weights=log_weights)
    columns, share = right[:, None] + 1, np.ones((2, 1), np.float32)
    return balanced_loss(
        scores, columns, share, others=np.full(2, 1 / 6, np.float32), log_weights=log_weights
    )


@pytest.mark.parametrize("name", ["balanced", "distilled"])
def test_the_mean_over_all_draws_is_the_full_loss_and_gradient(name):
    z = tf.constant(SCORES)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        full = loss(name, z, TEACHER, RIGHT, None)
        subsets = list(itertools.combinations([0, 1, 3, 5, 6], NEGATIVES))
        mean = 0.0
        for subset in subsets:
            skills = np.array([4, *subset, 2])
            log_weights = np.log(np.where(np.isin(skills, RIGHT), 1.0, 5 / NEGATIVES)).astype(np.float32)
            right = np.array([list(skills).index(number) for number in RIGHT])
            mean += loss(name, tf.gather(z, skills, axis=1), TEACHER[:, skills], right, log_weights) / len(
                subsets
            )
    np.testing.assert_allclose(mean, full, rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(mean, z), tape.gradient(full, z), rtol=1e-4, atol=1e-6)
