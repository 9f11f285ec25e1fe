import keras
import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.optimizer import FusedAdam


@pytest.mark.parametrize("clip_norm", [1e9, 0.7])
def test_it_is_kerass_adam(clip_norm):
    rng = np.random.default_rng(1)
    begin = [rng.normal(size=shape).astype(np.float32) for shape in ((5, 3), (7,))]
    rate = keras.optimizers.schedules.CosineDecay(0.05, 6)
    ours = after_five_steps(FusedAdam(rate, clip_norm=clip_norm), begin)
    theirs = after_five_steps(keras.optimizers.Adam(rate, global_clipnorm=clip_norm), begin)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def after_five_steps(optimizer, begin):
    variables = [keras.Variable(value) for value in begin]
    optimizer.build(variables)

    @tf.function
    def step(gradients):
        optimizer.apply(gradients, variables)

    for n in range(5):
        rng = np.random.default_rng(n)
        step([tf.constant(rng.normal(size=value.shape).astype(np.float32)) for value in begin])
    return [np.asarray(variable) for variable in variables]


def test_rows_read_twice_are_added_before_they_are_clipped():
    variable = keras.Variable(np.zeros((3, 2), np.float32))
    optimizer = FusedAdam(0.1, clip_norm=1.0)
    optimizer.build([variable])
    twice = tf.IndexedSlices(tf.constant([[3.0, 0.0], [-3.0, 4.0]]), tf.constant([1, 1]), tf.constant([3, 2]))
    optimizer.apply([twice], [variable])
    np.testing.assert_allclose(np.asarray(optimizer._momentums[0])[1], [0.0, 0.1], rtol=1e-5)
