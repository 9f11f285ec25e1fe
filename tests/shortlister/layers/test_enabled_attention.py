import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from components.shortlister.layers.enabled_attention import EnabledAttention
from tests.shortlister.layers.check import check_layer

RNG = np.random.default_rng(3)
UTTERANCES = RNG.normal(size=(2, 3)).astype(np.float32)


def built(table: np.ndarray) -> EnabledAttention:
    layer = EnabledAttention(skills=len(table) - 1)
    layer.build((None, table.shape[1]), (None, None))
    layer.set_weights([table])
    return layer


def test_layer_contract(tmp_path):
    enabled = np.array([[1, 4, 0, 0], [2, 3, 5, 1]], np.int32)
    check_layer(lambda: EnabledAttention(skills=5), (UTTERANCES, enabled), shape=(2, 3), path=tmp_path)


def test_softmax_over_the_enabled_by_hand():
    layer = built(np.array([[7.0], [2.0], [1.0], [9.0]]))
    summary = layer(np.array([[0.5]]), np.array([[1, 2, 0]]))  # scores 1.0 and 0.5; skill 3 is not enabled
    a, b = math.exp(1.0), math.exp(0.5)
    np.testing.assert_allclose(summary, [[(2 * a + 1 * b) / (a + b)]], rtol=1e-6)


def test_nothing_enabled_gives_zeros():
    layer = built(RNG.normal(size=(6, 3)))
    np.testing.assert_array_equal(layer(UTTERANCES, np.zeros((2, 4), np.int32)), np.zeros((2, 3)))


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_extreme_scores_stay_finite(scale):
    layer = built(np.full((6, 3), 1.0))
    summary = ops.convert_to_numpy(layer(np.full((1, 3), scale, np.float32), np.array([[1, 2, 0]])))
    np.testing.assert_allclose(summary, np.ones((1, 3)), rtol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.permutations([1, 2, 3, 5, 0]))
def test_order_does_not_matter(order):
    layer = built(np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32))
    expected = layer(UTTERANCES, np.array([[1, 2, 3, 5, 0]] * 2))
    np.testing.assert_allclose(layer(UTTERANCES, np.array([order] * 2)), expected, rtol=1e-5)


def test_rejects_no_skills():
    with pytest.raises(ValueError, match="`skills` must be positive"):
        EnabledAttention(skills=0)
