from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.events import Events
from components.shortlister.phase import Phase
from components.shortlister.session import Session
from components.shortlister.train import build_network
from tests.shortlister.two_replicas import OPTIONS, ROWS, corpus


class Step:
    """Adds 1 to some weights in place of a gradient's step."""

    adam = SimpleNamespace(learning_rate=0.01)

    def __init__(self, network):
        self._network = network

    def __call__(self, batches, weights):
        self._network.projection.bias.assign_add(np.ones(OPTIONS.utterance_size))
        return 0.5


@pytest.fixture(scope="module")
def networks():
    return [build_network(OPTIONS, skills=3) for _ in range(2)]


@pytest.mark.parametrize(
    ("top1", "best"),
    [((0.5, 0.7, 0.6, 0.7), 2), ((0.5, 0.4, 0.3), 1), ((None, None, None, None, None), 5)],
)
def test_stops_where_dev_has_not_gained_for_two_epochs_and_keeps_the_best(networks, top1, best):
    """An epoch as good as the best is no gain; where nothing is judged, all are run and the last is kept."""
    network, teacher = networks
    network.projection.bias.assign(np.zeros(OPTIONS.utterance_size))
    session = Session(
        network, teacher, Step(network), corpus=corpus(),
        phase=Phase("train", epochs=5, learning_rate=0.01, patience=2, keep_teacher=True),
        options=OPTIONS, strategy=tf.distribute.get_strategy(), checkpoint=None, events=Events(None),
    )  # fmt: skip
    judged = iter(top1)
    while not session.progress.finished:
        session.run_epoch(lambda: next(judged))
    epochs = session.progress.epochs
    assert [epoch.dev_top1 for epoch in epochs] == list(top1)
    assert session.progress.best_epoch == best
    assert set(np.asarray(network.projection.bias)) == {ROWS * len(top1)}
    assert set(np.asarray(teacher.projection.bias)) == {ROWS * best}
    assert [weight.shape for weight in session.best] == [weight.shape for weight in network.get_weights()]
    assert any(set(weight.ravel()) == {ROWS * best} for weight in session.best)
