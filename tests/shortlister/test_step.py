import dataclasses

import numpy as np
import tensorflow as tf

from components.shortlister.feed import fed
from components.shortlister.loss import NO_SKILL
from components.shortlister.step import TrainingStep
from components.shortlister.targets import LossWeights
from components.shortlister.train import build_network
from tests.shortlister.two_replicas import OPTIONS, corpus


def test_weights_change_without_a_new_trace():
    made = corpus()
    failed = dataclasses.replace(made, skill=np.full(len(made), NO_SKILL, np.int32), negative=made.skill)
    strategy = tf.distribute.get_strategy()
    network = build_network(OPTIONS, skills=3)
    step = TrainingStep(network, None, learning_rate=1e-9, steps=9, options=OPTIONS, strategy=strategy)
    rows = np.arange(len(made))
    losses = [
        float(step(fed(failed, [(some, some)], strategy), LossWeights(negative=weight)))
        for some, weight in ((rows, 1.0), (rows, 0.5), (rows, 0.0), (rows[:2], 0.0))
    ]
    assert losses[0] > 0.0
    np.testing.assert_allclose(losses[1:], [losses[0] / 2, 0.0, 0.0], rtol=1e-5)
    assert step._run.experimental_get_tracing_count() == 1
