import math

import numpy as np
import pytest

from components.shortlister.layers.skill_heads import SkillHeads
from tests.records.layers.check import check_layer

RNG = np.random.default_rng(3)
REQUEST = RNG.normal(size=(2, 3)).astype(np.float32)
ENABLED = np.array([[1, 4, 0], [2, 0, 0]], np.int32)
FLAGS = np.array([[1, 0, 0, 1, 0], [0, 1, 0, 0, 0]])


@pytest.mark.parametrize("form", ["affine", "selu", "cosine"])
@pytest.mark.parametrize("flags", [True, False])
def test_layer_contract(tmp_path, form, flags):
    check_layer(
        lambda: SkillHeads(skills=5, form=form, flags=flags), (REQUEST, ENABLED), shape=(2, 5), path=tmp_path
    )


def random_heads(form, scale=1.0):
    layer = SkillHeads(skills=5, form=form)
    layer(REQUEST, ENABLED)
    layer.set_weights([RNG.normal(scale=scale, size=weight.shape) for weight in layer.weights])
    return layer


def selu(z):
    return np.where(z > 0, 1.0507 * z, 1.0507 * 1.67326 * (np.exp(np.minimum(z, 0)) - 1))


def by_hand(layer, d):
    """One head at a time."""
    kernel, flag = layer.kernel.numpy()[d], layer.flag.numpy()[d + 1]
    if layer.form == "cosine":
        cosine = REQUEST @ kernel / np.linalg.norm(kernel) / np.linalg.norm(REQUEST, axis=1)
        return layer.scale.numpy() * cosine + FLAGS[:, d] * flag[0]
    bias = layer.bias.numpy()[d]
    outputs = [
        REQUEST @ kernel[3 * n : 3 * n + 3] + bias[n] + FLAGS[:, d] * flag[n] for n in range(len(bias))
    ]
    return outputs[0] if layer.form == "affine" else selu(outputs[0]) - selu(outputs[1])


@pytest.mark.parametrize("form", ["affine", "selu", "cosine"])
def test_one_product_equals_one_head_at_a_time(form):
    layer = random_heads(form)
    np.testing.assert_allclose(
        layer(REQUEST, ENABLED), np.stack([by_hand(layer, d) for d in range(5)], axis=1), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("form", ["affine", "selu", "cosine"])
def test_chosen_skills_score_as_among_all(form):
    layer, chosen = random_heads(form), np.array([4, 0, 3], np.int32)
    np.testing.assert_allclose(
        layer(REQUEST, ENABLED, chosen), np.asarray(layer(REQUEST, ENABLED))[:, chosen], rtol=1e-5
    )


def test_a_flag_moves_its_own_head_only():
    layer = random_heads("affine")
    moved = np.asarray(layer(REQUEST, ENABLED)) != np.asarray(layer(REQUEST, np.zeros_like(ENABLED)))
    np.testing.assert_array_equal(moved, FLAGS.astype(bool))


@pytest.mark.parametrize("scale", [1e4, 1e30])
@pytest.mark.parametrize("form", ["affine", "selu", "cosine"])
def test_extreme_vectors_stay_finite(form, scale):
    assert np.isfinite(np.asarray(random_heads(form)(REQUEST * scale, ENABLED))).all()


@pytest.mark.parametrize(("setting", "rule"), [({"skills": 0}, "positive"), ({"form": "round"}, "one of")])
def test_rejects_bad_settings(setting, rule):
    with pytest.raises(ValueError, match=f"`{next(iter(setting))}` must be {rule}"):
        SkillHeads(**{"skills": 2, **setting})


def test_the_pointer_adds_to_its_own_skill_by_the_attention_score():
    layer = SkillHeads(skills=5, pointer=True)
    attention = np.array([[0.5, -2.0, 9.0], [3.0, 9.0, 9.0]], np.float32)  # the nines are padding's
    plain = layer(REQUEST, ENABLED, None, np.zeros((2, 3), np.float32)) - layer(
        REQUEST, np.zeros_like(ENABLED), None, attention
    )
    np.testing.assert_allclose(plain, FLAGS * (1.0 + math.log(5) / 2), atol=1e-6)  # pointer and flag begin so
    layer.flag.assign(np.zeros((6, 1)))
    layer.point.assign([0.25, 2.0])
    moved = layer(REQUEST, ENABLED, None, attention) - layer(REQUEST, np.zeros_like(ENABLED), None, attention)
    np.testing.assert_allclose(moved[0], [0.25 + 1.0, 0, 0, 0.25 - 4.0, 0], atol=1e-5)
    np.testing.assert_allclose(moved[1], [0, 0.25 + 6.0, 0, 0, 0], atol=1e-5)


@pytest.mark.parametrize(("form", "gain"), [("affine", 20.0), ("cosine", 1.0)])
def test_heads_begin_by_looking_for_their_own_embedding(form, gain):
    layer = SkillHeads(skills=5, form=form)
    layer(REQUEST, ENABLED)
    before = layer.kernel.numpy()
    embeddings = np.arange(10, dtype=np.float32).reshape(5, 2)
    layer.point_at(embeddings)
    np.testing.assert_array_equal(layer.kernel.numpy()[:, :-2], before[:, :-2])
    np.testing.assert_allclose(layer.kernel.numpy()[:, -2:], gain * embeddings)


def test_selu_heads_begin_with_the_same_difference_of_their_two_outputs():
    layer = SkillHeads(skills=5, form="selu")
    layer(REQUEST, ENABLED)
    layer.point_at(np.ones((5, 2), np.float32))
    inside, outside = np.split(layer.kernel.numpy(), 2, axis=1)
    np.testing.assert_allclose(inside[:, -2:] - outside[:, -2:], 20.0)
    np.testing.assert_allclose(
        layer.flag.numpy()[:, 0] - layer.flag.numpy()[:, 1], math.log(5) / 2, rtol=1e-6
    )
