import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.twin.row_table import RowTable, quantise_rows

VALUES = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)


@pytest.mark.parametrize("weights", ["int8", "float32"])
def test_rows_totals_and_products_are_those_of_the_stored_values(weights):
    table = RowTable.of(VALUES, weights)
    stored, ids, vector = table.take(np.arange(7)), np.array([3, 0, 3]), VALUES[1]
    np.testing.assert_allclose(table.total(ids), stored[ids].sum(axis=0), atol=1e-6)
    np.testing.assert_allclose(table.products(ids, vector), stored[ids] @ vector, atol=1e-5)
    assert np.abs(stored - VALUES).max() <= (np.abs(VALUES).max() / 254 * 1.01 if weights == "int8" else 0)


@given(st.integers(0, 2**32 - 1), st.floats(1e-30, 1e30))
def test_stored_values_are_stored_as_themselves(seed, size):
    values = np.float32(np.random.default_rng(seed).normal(size=(3, 11)) * size)
    rows, scales = quantise_rows(values)
    again, scales_again = quantise_rows(rows * scales[:, None])
    np.testing.assert_array_equal(again, rows)
    np.testing.assert_allclose(scales_again, scales, rtol=3e-7)


def test_a_row_of_zeros_stays_one():
    rows, scales = quantise_rows(np.zeros((2, 3), np.float32))
    assert not rows.any()
    assert np.isfinite(scales).all()


@pytest.mark.parametrize("weights", ["int8", "float32"])
def test_files(tmp_path, weights):
    table = RowTable.of(VALUES, weights)
    table.write(tmp_path / "words")
    np.testing.assert_array_equal(
        RowTable.open(tmp_path / "words").take(np.arange(7)), table.take(np.arange(7))
    )
