"""Figures under weights are the figures of the requests repeated; the weights are Poisson(1)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluate.judgement import ANSWERABLE, OUT_OF_SCOPE, Judgement
from components.evaluate.resampling import Columns, SliceFigures, draws
from components.evaluate.table import table_of
from components.evaluate.tally import tally
from tests.evaluate.strategies import judgements


def figures(table, rows, weights):
    return SliceFigures(Columns(table), rows)(np.array(weights, dtype=np.float32)[:, None])


@given(judgements, st.data())
def test_a_request_of_weight_three_counts_as_three_requests(slice_, data):
    table = table_of(slice_)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(slice_), max_size=len(slice_)))
    expected = tally(table.take(np.repeat(np.arange(table.size), weights))).metrics()
    for name, values in figures(table, np.arange(table.size), weights).items():
        if name in expected:
            assert values == pytest.approx([expected[name]], rel=1e-5, abs=1e-6), name
        else:  # what it rests on has no weight
            assert np.isnan(values).all(), name


@given(judgements, st.sets(st.integers(0, 46)))
def test_some_rows_of_a_table_are_a_table_of_their_own(slice_, chosen):
    table = table_of(slice_)
    rows = np.array(sorted(row for row in chosen if row < table.size), dtype=np.int64)
    expected = tally(table.take(rows)).metrics()
    found = figures(table, rows, np.ones(table.size))
    assert found.keys() <= expected.keys()
    for name, values in found.items():
        assert values == pytest.approx([expected[name]], rel=1e-5, abs=1e-6), name


def test_near_confidences_count_as_equal_in_a_large_slice():
    rng = np.random.default_rng(0)
    size = 20_011
    confidence, known = rng.uniform(size=size), rng.uniform(size=size) < 0.8
    right = rng.uniform(size=size) < confidence
    table = table_of(
        [
            Judgement(ANSWERABLE if k else OUT_OF_SCOPE, int(r and k), int(r and k), "a", "a", c / (2 - k))
            for k, r, c in zip(known, right, confidence, strict=True)
        ]
    )
    expected = tally(table).metrics()
    found = figures(table, np.arange(size), np.ones(size))
    for name in ("oos_auroc", "coverage@0.95", "coverage@0.99"):
        assert found[name] == pytest.approx([expected[name]], abs=0.002), name


def test_large_sets_are_drawn_in_chunks_and_the_seed_decides():
    chunks = list(draws(3_000_001, 5, seed=3))
    assert [chunk.shape[1] for chunk in chunks] == [2, 2, 1]
    assert (chunks[0] == next(draws(3_000_001, 2, seed=3))).all()


def test_how_often_a_request_is_drawn_is_poisson():
    [weights] = draws(1, 400_000, seed=1)
    for count in range(6):
        chance = math.exp(-1) / math.factorial(count)
        assert (weights == count).mean() == pytest.approx(chance, abs=5 * math.sqrt(chance / 400_000))
