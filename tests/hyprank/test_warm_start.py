"""A training that goes on from an earlier HypRank: its first weights, and that it is the same twice."""

import json

import keras
import numpy as np
import pytest
from msgspec.structs import replace
from tfx.types import standard_artifacts

from components.hyprank.executor import Executor
from components.hyprank.gather import rank_lists, skill_table
from components.hyprank.run import train_hyprank
from components.hyprank.train import build_network
from components.hyprank.training_record import RECORD, WEIGHTS
from components.hyprank.warm_start import warm_start
from components.records.artifacts import mark_growth
from components.records.hyprank.features import FEATURES, SHORTLISTER, VECTORS
from components.records.version_folder import read_manifest
from tests.hyprank.test_component import inputs_in, outputs_in
from tests.hyprank.test_run import CATALOGUE, COUNTS, TINY, some_lists
from tests.reranker.test_component import artifact, write_lists


def trained(folder, options=TINY, parent=None):
    return train_hyprank(
        list(some_lists(120, 1)),
        list(some_lists(60, 2)),
        CATALOGUE,
        COUNTS,
        options,
        version_folder=folder / "model",
        run_folder=folder / "run",
        parent=parent,
    )


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm_hyprank")
    assert trained(folder).lineage["warm_start"] == "no earlier model"
    return folder / "run"


def begun(options, parent):
    lists = rank_lists(list(some_lists(40, 3)), CATALOGUE)
    key = FEATURES.index(SHORTLISTER)
    network = build_network(lists, skill_table(CATALOGUE, COUNTS), options, key=key, vectors=VECTORS)
    before = network.get_weights()
    return network, before, warm_start(network, parent)


def same(one, other):
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_all_weights_are_taken_where_the_sizes_are_equal(parent):
    network, before, found = begun(replace(TINY, dropout=0.3, seed=3), parent)
    assert found == (True, "all weights of the earlier model")
    assert same(network.get_weights(), keras.models.load_model(parent / WEIGHTS).get_weights())
    assert not same(network.get_weights(), before)


def test_other_sizes_or_features_begin_anew(parent, tmp_path):
    network, before, found = begun(replace(TINY, lstm_size=4, context="sum"), parent)
    assert found == (False, "the earlier model has another context, lstm_size")
    assert same(network.get_weights(), before)
    record = json.loads((parent / RECORD).read_text())
    record["features"][:2] = reversed(record["features"][:2])
    (tmp_path / RECORD).write_text(json.dumps(record))
    assert begun(TINY, tmp_path)[2] == (False, "the earlier model has other features")


def test_a_training_from_one_parent_gives_one_result(parent, tmp_path):
    weights = []
    for name in "ab":
        trained(tmp_path / name, parent=parent)
        record = json.loads((tmp_path / name / "run" / RECORD).read_text())
        assert (record["warm"], len(record["epochs"]), record["options"]["epochs"]) == (True, 2, 4)
        weights.append(keras.models.load_model(tmp_path / name / "run" / WEIGHTS).get_weights())
    assert same(*weights)


@pytest.mark.parametrize(
    ("chain", "asked", "words"),
    [
        ("a", True, "all weights of the earlier model"),
        ("a", False, "not asked for"),
        ("b", True, "no earlier model"),
    ],
)
def test_the_node_goes_on_where_its_requests_are_those_of_the_parent_and_more(
    parent, tmp_path, chain, asked, words
):
    write_lists(tmp_path / "lists", rank=some_lists(60, 1), dev=some_lists(30, 2))
    now, then = (artifact(standard_artifacts.Examples, tmp_path / name) for name in ("now", "then"))
    mark_growth(now, span=2, chain="a")
    mark_growth(then, span=1, chain=chain)
    inputs = {
        **inputs_in(tmp_path),
        "examples": [now],
        "parent_examples": [then],
        "parent_model": [artifact(standard_artifacts.Model, parent)],
        "parent_model_run": [artifact(standard_artifacts.ModelRun, parent)],
    }
    options = json.dumps(
        {"lstm_size": 5, "hidden_size": 11, "epochs": 1, "batch_size": 32, "warm_start": asked}
    )
    Executor().Do(inputs, outputs_in(tmp_path), {"options": options, "candidates": 3})
    assert read_manifest(tmp_path / "model" / "Format-Serving").lineage["warm_start"] == words
