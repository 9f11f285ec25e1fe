import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.shortlister.layers.enabled_attention import EnabledAttention
from tests.records.layers.check import check_layer

RNG = np.random.default_rng(3)
UTTERANCES = RNG.normal(size=(2, 3)).astype(np.float32)


def built(table: np.ndarray, form: str = "softmax") -> EnabledAttention:
    layer = EnabledAttention(skills=len(table) - 1, form=form)
    layer.build((None, table.shape[1]), (None, None))
    layer.set_weights([table])
    return layer


@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
def test_layer_contract(tmp_path, form):
    enabled = np.array([[1, 4, 0, 0], [2, 3, 5, 1]], np.int32)
    check_layer(
        lambda: EnabledAttention(skills=5, form=form),
        (UTTERANCES, enabled),
        shape=((2, 3), (2, 4)),
        path=tmp_path,
    )


def test_softmax_over_the_enabled_by_hand():
    layer = built(np.array([[7.0], [2.0], [1.0], [9.0]]))
    summary, scores = layer(np.array([[0.5]]), np.array([[1, 2, 0]]))  # skill 3 is not enabled
    a, b = math.exp(1.0), math.exp(0.5)
    np.testing.assert_allclose(summary, [[(2 * a + 1 * b) / (a + b)]], rtol=1e-6)
    np.testing.assert_allclose(scores[:, :2], [[1.0, 0.5]])


def test_sigmoid_by_hand():
    layer = built(np.array([[7.0], [2.0], [1.0], [9.0]]), "sigmoid")
    summary, scores = layer(np.array([[0.5]]), np.array([[1, 2, 0]]))
    np.testing.assert_allclose(summary, [[2 / (1 + math.exp(-1.0)) + 1 / (1 + math.exp(-0.5))]], rtol=1e-6)
    np.testing.assert_allclose(scores[:, :2], [[1.0, 0.5]])


@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
@pytest.mark.parametrize("width", [0, 4])
def test_nothing_enabled_gives_zeros(form, width):
    layer = built(RNG.normal(size=(6, 3)), form)
    summary, _ = layer(UTTERANCES, np.zeros((2, width), np.int32))
    np.testing.assert_array_equal(summary, np.zeros((2, 3)))


@pytest.mark.parametrize("scale", [1e4, -1e4, 1e30, -1e30])
def test_extreme_scores_stay_finite(scale):
    enabled, vector = np.array([[1, 2, 0]]), np.full((1, 3), scale, np.float32)
    summary, _ = built(np.full((6, 3), 1.0))(vector, enabled)
    np.testing.assert_allclose(summary, np.ones((1, 3)), rtol=1e-5)
    summary, _ = built(np.full((6, 3), 1.0), "sigmoid")(vector, enabled)
    np.testing.assert_allclose(summary, np.full((1, 3), 2.0 * (scale > 0)), rtol=1e-5)


def test_five_hundred_enabled():
    layer = built(RNG.normal(size=(501, 3)).astype(np.float32))
    summary, _ = layer(UTTERANCES, np.tile(np.arange(1, 501), (2, 1)))
    weights = np.exp(UTTERANCES @ layer.table.numpy()[1:].T)  # [2, 500]
    expected = weights / weights.sum(axis=1, keepdims=True) @ layer.table.numpy()[1:]
    np.testing.assert_allclose(summary, expected, rtol=1e-4, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.permutations([1, 2, 3, 5, 0]), st.sampled_from(["softmax", "sigmoid"]))
def test_order_does_not_matter(order, form):
    layer = built(np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32), form)
    expected, _ = layer(UTTERANCES, np.array([[1, 2, 3, 5, 0]] * 2))
    np.testing.assert_allclose(layer(UTTERANCES, np.array([order] * 2))[0], expected, rtol=1e-5)


@pytest.mark.parametrize(("setting", "rule"), [({"skills": 0}, "positive"), ({"form": "hard"}, "one of")])
def test_rejects_bad_settings(setting, rule):
    with pytest.raises(ValueError, match=f"`{next(iter(setting))}` must be {rule}"):
        EnabledAttention(**{"skills": 2, **setting})
