import numpy as np
import pytest

from components.shortlister.layers.gram_bag import GramBag
from tests.shortlister.layers.check import check_layer


def test_layer_contract(tmp_path):
    inputs = np.random.default_rng(3).integers(1, 19, (2, 11), dtype=np.int32)
    check_layer(lambda: GramBag(buckets=19, size=7), (inputs,), shape=(2, 7), path=tmp_path)


def test_sum_over_root_of_count_by_hand():
    layer = GramBag(buckets=4, size=1)
    layer.build((None, None))
    layer.set_weights([np.array([[50.0], [1.0], [2.0], [4.0]])])
    bags = np.array([[1, 2, 0], [3, 3, 1], [0, 0, 0]], np.int32)
    np.testing.assert_allclose(layer(bags)[:, 0], [(1 + 2) / 2**0.5, (4 + 4 + 1) / 3**0.5, 0.0], rtol=1e-6)


def test_rejects_bad_size():
    with pytest.raises(ValueError, match=r"`buckets` must be positive. Received: buckets=0"):
        GramBag(buckets=0)
