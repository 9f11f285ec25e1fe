import numpy as np
import pytest
from keras import ops

from components.domain.layers.word_window import WordWindow
from tests.records.layers.check import check_layer

RNG = np.random.default_rng(2)
WORDS = RNG.normal(size=(2, 5, 3)).astype(np.float32)
REAL = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], np.float32)[..., None]


def test_layer_contract(tmp_path):
    check_layer(lambda: WordWindow(size=7, reach=2), (WORDS, REAL), shape=(2, 5, 7), path=tmp_path)


def test_by_hand():
    layer = WordWindow(size=4, reach=1)
    found = ops.convert_to_numpy(layer(WORDS * REAL, REAL))
    kernel, bias = ops.convert_to_numpy(layer.kernel), ops.convert_to_numpy(layer.bias)
    for row, length in enumerate((5, 2)):
        padded = np.pad(WORDS[row, :length], [(1, 1), (0, 0)])
        for at in range(length):
            expected = np.maximum(np.concatenate(padded[at : at + 3]) @ kernel + bias, 0)
            np.testing.assert_allclose(found[row, at], expected, rtol=1e-4, atol=1e-6)
        assert not found[row, length:].any()


def test_more_padding_changes_nothing():
    layer = WordWindow(size=4, reach=2)
    short = ops.convert_to_numpy(layer(WORDS[1:, :2], REAL[1:, :2]))
    long = ops.convert_to_numpy(layer((WORDS * REAL)[1:], REAL[1:]))
    np.testing.assert_allclose(long[:, :2], short, rtol=1e-5)


@pytest.mark.parametrize(("size", "reach", "name"), [(0, 1, "size"), (1, -1, "reach")])
def test_bad_sizes(size, reach, name):
    with pytest.raises(ValueError, match=f"`{name}`"):
        WordWindow(size=size, reach=reach)
