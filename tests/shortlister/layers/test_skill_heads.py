import numpy as np
import pytest

from components.shortlister.layers.skill_heads import SkillHeads
from tests.shortlister.layers.check import check_layer

RNG = np.random.default_rng(3)
VECTOR = RNG.normal(size=(2, 3)).astype(np.float32)
FLAGS = np.array([[1, 0, 0, 1, 0], [0, 1, 0, 0, 0]], np.float32)


@pytest.mark.parametrize("selu", [True, False])
def test_layer_contract(tmp_path, selu):
    check_layer(lambda: SkillHeads(skills=5, selu=selu), (VECTOR, FLAGS), shape=(2, 5), path=tmp_path)


def test_layer_contract_without_flags(tmp_path):
    check_layer(lambda: SkillHeads(skills=5), (VECTOR,), shape=(2, 5), path=tmp_path)


def selu(z):
    return np.where(z > 0, 1.0507 * z, 1.0507 * 1.67326 * (np.exp(np.minimum(z, 0)) - 1))


def test_one_product_equals_one_head_at_a_time():
    layer = SkillHeads(skills=5)
    layer(VECTOR, FLAGS)
    kernel, bias, flag = (RNG.normal(size=weight.shape) for weight in layer.weights)
    layer.set_weights([kernel, bias, flag])
    for d in range(5):
        inside = selu(VECTOR @ kernel[:, d] + bias[d] + FLAGS[:, d] * flag[0, d])
        outside = selu(VECTOR @ kernel[:, 5 + d] + bias[5 + d] + FLAGS[:, d] * flag[1, d])
        np.testing.assert_allclose(layer(VECTOR, FLAGS)[:, d], inside - outside, rtol=1e-4)


def test_a_flag_moves_its_own_head_only():
    layer = SkillHeads(skills=5)
    layer(VECTOR, FLAGS)
    layer.flag.assign(np.ones((2, 5)) * [[3.0], [-3.0]])
    moved = np.asarray(layer(VECTOR, FLAGS)) != np.asarray(layer(VECTOR, np.zeros_like(FLAGS)))
    np.testing.assert_array_equal(moved, FLAGS.astype(bool))


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_extreme_vectors_stay_finite(scale):
    assert np.isfinite(np.asarray(SkillHeads(skills=5)(VECTOR * scale, FLAGS))).all()


def test_rejects_no_skills():
    with pytest.raises(ValueError, match="`skills` must be positive"):
        SkillHeads(skills=0)
