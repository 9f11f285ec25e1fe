import numpy as np
import pytest
from keras import ops

from components.records.layers.id_dropout import IdDropout
from tests.records.layers.check import check_layer


def test_layer_contract(tmp_path):
    inputs = np.arange(1, 11, dtype=np.int32).reshape(2, 5)
    check_layer(lambda: IdDropout(rate=0.3, seed=1), (inputs,), shape=(2, 5), path=tmp_path)


def test_replaces_about_the_rate_and_never_padding():
    ids = np.repeat([[0, 7]], 5000, axis=0).astype(np.int32)
    dropped = ops.convert_to_numpy(IdDropout(rate=0.2, replacement=1, seed=1)(ids, training=True))
    assert (dropped[:, 0] == 0).all()
    assert set(np.unique(dropped[:, 1])) == {1, 7}
    assert (dropped[:, 1] == 1).mean() == pytest.approx(0.2, abs=0.02)


def test_does_nothing_outside_training():
    ids = np.arange(10, dtype=np.int32)
    np.testing.assert_array_equal(IdDropout(rate=0.9, seed=1)(ids), ids)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_rejects_bad_rate(rate):
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 1\)"):
        IdDropout(rate=rate)
