import numpy as np
import pytest

from components.shortlister.layers.enabled_flags import EnabledFlags
from tests.shortlister.layers.check import check_layer


def test_layer_contract(tmp_path):
    enabled = np.array([[1, 4, 0], [2, 3, 5]], np.int32)
    check_layer(lambda: EnabledFlags(skills=5), (enabled,), shape=(2, 5), path=tmp_path)


def test_flags_by_hand():
    flags = EnabledFlags(skills=3)(np.array([[3, 0, 3], [1, 2, 0], [0, 0, 0]]))
    np.testing.assert_array_equal(flags, [[0, 0, 1], [1, 1, 0], [0, 0, 0]])


def test_empty_batch_and_empty_lists():
    assert EnabledFlags(skills=3)(np.zeros((0, 2), np.int32)).shape == (0, 3)
    np.testing.assert_array_equal(EnabledFlags(skills=3)(np.zeros((2, 0), np.int32)), np.zeros((2, 3)))


def test_rejects_no_skills():
    with pytest.raises(ValueError, match="`skills` must be positive"):
        EnabledFlags(skills=0)
