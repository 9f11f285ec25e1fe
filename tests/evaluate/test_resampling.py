"""Figures under weights are the figures of the requests repeated; the weights are Poisson(1)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluate.resampling import Resampler, draws
from components.evaluate.table import table_of
from components.evaluate.tally import tally
from tests.evaluate.strategies import judgements


@given(judgements, st.data())
def test_a_request_of_weight_three_counts_as_three_requests(slice_, data):
    table = table_of(slice_)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(slice_), max_size=len(slice_)))
    repeated = table.take(np.repeat(np.arange(table.size), weights))
    expected = tally(repeated).metrics()
    found = Resampler(table)(np.arange(table.size), np.array(weights, dtype=np.float64)[:, None])
    for name, values in found.items():
        if name in expected:
            assert values == pytest.approx([expected[name]], abs=1e-9), name
        else:  # what it rests on has no weight
            assert np.isnan(values).all(), name


@given(judgements, st.sets(st.integers(0, 46)))
def test_some_rows_of_a_table_are_a_table_of_their_own(slice_, chosen):
    table = table_of(slice_)
    rows = np.array(sorted(row for row in chosen if row < table.size), dtype=np.int64)
    once = np.ones((len(rows), 1))
    found, alone = (
        Resampler(table)(rows, once),
        Resampler(table.take(rows))(np.arange(len(rows)), once),
    )
    assert found.keys() == alone.keys()
    for name in found:
        assert found[name] == pytest.approx(alone[name], abs=1e-12, nan_ok=True)


def test_the_first_draw_is_every_request_once():
    first, *rest = draws(7, 23, seed=0)
    assert (first == 1).all()
    assert first.shape == (7, 1)
    assert sum(chunk.shape[1] for chunk in rest) == 23


def test_large_sets_are_drawn_in_chunks_and_the_seed_decides():
    chunks = list(draws(3_000_001, 5, seed=3))
    assert [chunk.shape[1] for chunk in chunks] == [1, 2, 2, 1]
    assert (chunks[1] == next(iter(list(draws(3_000_001, 2, seed=3))[1:]))).all()


def test_how_often_a_request_is_drawn_is_poisson():
    [_, weights] = draws(1, 400_000, seed=1)
    for count in range(6):
        chance = math.exp(-1) / math.factorial(count)
        assert (weights == count).mean() == pytest.approx(chance, abs=5 * math.sqrt(chance / 400_000))
