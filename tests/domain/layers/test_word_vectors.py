import keras
import numpy as np
import pytest
from keras import ops

from components.domain.layers.word_vectors import WordVectors
from tests.records.layers.check import check_layer

CHARS = np.array([[0, 0, 0], [5, 6, 0], [7, 0, 0], [8, 8, 8]], np.int32)
GRAMS = np.array([3, 4, 5, 4], np.int32)
ROWS = np.array([1, 1, 1, 2], np.int32)


def make() -> WordVectors:
    return WordVectors(buckets=11, gram_size=5, char_ids=13, char_size=2, form_size=3)


def test_layer_contract(tmp_path):
    check_layer(make, (CHARS, GRAMS, ROWS), shape=(4, 8), path=tmp_path)


def test_by_hand():
    layer = make()
    found = ops.convert_to_numpy(layer(CHARS, GRAMS, ROWS))
    table = ops.convert_to_numpy(layer.table)
    np.testing.assert_allclose(found[1, 3:], (table[3] + table[4] + table[5]) / np.sqrt(3), rtol=1e-5)
    np.testing.assert_allclose(found[2, 3:], table[4], rtol=1e-5)
    np.testing.assert_allclose(found[:, :3], ops.convert_to_numpy(layer.forms(CHARS)), rtol=1e-6)
    assert not found[0].any()


def test_no_grams_at_all():
    found = make()(CHARS[:1], GRAMS[:0], ROWS[:0])
    assert not keras.ops.convert_to_numpy(found).any()


@pytest.mark.parametrize("sizes", [{"buckets": 0}, {"buckets": 5, "gram_size": 0}])
def test_sizes_must_be_positive(sizes):
    with pytest.raises(ValueError, match="must be positive"):
        WordVectors(**sizes)
