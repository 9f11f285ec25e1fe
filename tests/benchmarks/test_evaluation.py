"""The world that the Evaluator is timed on, and the peers' figures beside ours."""

import pytest

from benchmarks.evaluation import evaluated
from benchmarks.evaluation_peers import by_sklearn, by_tfma, furthest
from benchmarks.evaluation_world import write_world
from components.evaluate.options import EvaluateOptions
from components.evaluate.slicing import slices_of
from components.evaluate.table import read_table


def test_peers_and_we_measure_the_same(tmp_path):
    paths = write_world(tmp_path / "world", requests=97, domains=3, skills=11, seed=0)
    found = evaluated(paths, tmp_path / "out", EvaluateOptions(resamples=10))
    table = read_table(tmp_path / "out")
    assert table.size == 97
    assert found.overall["framed"] > 30
    assert furthest(found.slices, by_sklearn(table, slices_of(table).rows)) < 1e-9
    theirs = by_tfma(table)
    assert theirs.keys() >= {"all", "domain:domain 2", "device:tv"}
    assert furthest(found.slices, theirs) == pytest.approx(0.0, abs=1e-6)
