import numpy as np
import pytest

from components.shortlister.layers.gram_bag import GramBag
from tests.records.layers.check import check_layer

RNG = np.random.default_rng(3)


def test_layer_contract(tmp_path):
    pairs = RNG.integers(1, 19, (5, 3), dtype=np.int32)
    spelling = RNG.integers(1, 5, (5, 3), dtype=np.int32)
    grams = RNG.integers(1, 19, 5, dtype=np.int32)
    inputs = (pairs, spelling, grams, np.array([1, 1, 2, 3, 4], np.int32), np.zeros((5, 2), np.int32))
    check_layer(lambda: GramBag(buckets=19, size=7), inputs, shape=(5, 7), path=tmp_path)


def test_sum_over_root_of_count_by_hand():
    layer = GramBag(buckets=5, size=1)
    layer.build((None, None))
    layer.set_weights([np.array([[50.0], [1.0], [2.0], [4.0], [8.0]])])
    pairs = np.array([[0, 4, 0], [0, 0, 0], [0, 0, 0]])
    spelling = np.array([[1, 2, 0], [2, 2, 0], [0, 0, 0]])
    grams, rows = (
        np.array([1, 2, 3, 0, 4]),
        np.array([1, 1, 2, 2, 0]),
    )  # the fourth is padding, the last of no word
    expected = [(1 + 2 + 4 + 8) / 4**0.5, (4 + 4) / 2**0.5, 0.0]
    np.testing.assert_allclose(layer(pairs, spelling, grams, rows, np.zeros(3))[:, 0], expected, rtol=1e-6)


def test_rejects_bad_size():
    with pytest.raises(ValueError, match=r"`buckets` must be positive. Received: buckets=0"):
        GramBag(buckets=0)
