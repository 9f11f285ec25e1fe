import numpy as np
import pytest
from keras import ops

from components.shortlister.layers.word_encoder import WordEncoder
from tests.records.layers.check import check_layer

RNG = np.random.default_rng(3)
VECTORS = RNG.normal(size=(2, 5, 7)).astype(np.float32)
REAL = np.array([[True, True, True, False, False], [True] * 5])


def test_layer_contract(tmp_path):
    check_layer(lambda: WordEncoder(size=3), (VECTORS, REAL), shape=(2, 6), path=tmp_path)


def test_padding_changes_nothing():
    layer = WordEncoder(size=3)
    cut = layer(VECTORS[:1, :3], REAL[:1, :3])
    noisy = VECTORS.copy()
    noisy[0, 3:] = 1e6
    np.testing.assert_allclose(layer(noisy, REAL)[0], cut[0], rtol=1e-5)


def test_no_words_give_zeros():
    layer = WordEncoder(size=3)
    np.testing.assert_array_equal(layer(VECTORS, np.zeros((2, 5), bool)), np.zeros((2, 6)))


def test_is_the_sum_of_states():
    layer = WordEncoder(size=3)
    whole = ops.convert_to_numpy(layer(VECTORS, REAL))
    states = ops.convert_to_numpy(layer.forward(VECTORS, mask=REAL))
    np.testing.assert_allclose(whole[0, :3], states[0, :3].sum(axis=0), rtol=1e-5)


def test_rejects_bad_dropout():
    with pytest.raises(ValueError, match=r"`dropout` must be in \[0, 1\). Received: dropout=1.0"):
        WordEncoder(size=3, dropout=1.0)
