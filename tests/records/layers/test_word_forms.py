import keras
import numpy as np
import pytest
from keras import ops

from components.records.layers.word_forms import WordForms
from tests.records.layers.check import check_layer

RNG = np.random.default_rng(3)


def make() -> WordForms:
    return WordForms(char_ids=19, char_size=5, size=7, width=3)


def test_layer_contract(tmp_path):
    check_layer(make, (RNG.integers(1, 19, (2, 11), dtype=np.int32),), shape=(2, 7), path=tmp_path)


def test_padding_adds_nothing():
    layer = make()
    short = np.array([[4, 5, 6, 0]], np.int32)
    long = np.pad(short, [(0, 2), (0, 3)])
    np.testing.assert_allclose(layer(short)[0], layer(long)[0], rtol=1e-6)
    np.testing.assert_array_equal(layer(long)[1:], np.zeros((2, 7)))


def test_answer_is_the_largest_of_each_filter_by_hand():
    layer = WordForms(char_ids=3, char_size=1, size=1, width=3)
    layer.build((None, 4))
    layer.set_weights([np.array([[9.0], [1.0], [2.0]]), np.array([[1.0], [10.0], [100.0]]), np.array([0.5])])
    # characters 1, 2: windows (-, 1, 2) = 10 + 200 and (1, 2, -) = 1 + 20
    assert ops.convert_to_numpy(layer(np.array([[1, 2, 0, 0]]))).item() == pytest.approx(210.5)


def test_rejects_bad_size():
    with pytest.raises(ValueError, match=r"`width` must be positive. Received: width=0"):
        WordForms(char_ids=3, width=0)


def test_gradient_reaches_all_weights():
    import tensorflow as tf

    layer = make()
    with tf.GradientTape() as tape:
        loss = ops.sum(layer(RNG.integers(1, 19, (2, 11), dtype=np.int32)))
    assert all(gradient is not None for gradient in tape.gradient(loss, layer.trainable_variables))
    assert isinstance(layer, keras.layers.Layer)
