import numpy as np
import pytest

from components.hyprank.calibrate import dev_figures
from components.hyprank.lists import RankLists
from components.hyprank.network import Outputs
from components.records.logistic import sigmoid
from tests.hyprank.random_lists import FEATURES, random_lists


def a_dev_set(size, *, slope=0.5, level=-1.0, seed=0):
    """Lists whose log-odds are too large by 1 / slope, and whose "none" is too."""
    rng = np.random.default_rng(seed)
    mask = np.arange(3) < rng.integers(1, 4, size=size)[:, None]
    odds = np.where(mask, rng.normal(scale=3.0, size=mask.shape), -20.0).astype(np.float32)
    right = mask & (rng.random(mask.shape) < sigmoid(slope * odds + level))
    none = rng.normal(scale=4.0, size=size).astype(np.float32)
    gone = rng.random(size) < sigmoid(0.7 * none)
    right = right & ~gone[:, None]
    lists = RankLists(np.zeros((*mask.shape, FEATURES), np.float32), mask, mask * 1, right, right, mask)
    return Outputs(odds, odds, none), lists


def test_both_maps_are_found():
    outputs, dev = a_dev_set(20_000)
    free = Outputs(outputs.scores, outputs.log_odds, np.full(20_000, -20.0, np.float32))
    some = dev.right.any(axis=1)
    found = dev_figures(outputs, dev)
    assert found.none.slope > 0.0
    told = sigmoid(found.none.slope * outputs.none + found.none.intercept)
    assert told.mean() == pytest.approx(1.0 - some.mean(), abs=0.01)
    assert found.metrics["dev_ece"] < 0.03 < found.metrics["dev_ece_before"]
    assert dev_figures(free, dev).calibration == found.calibration


def test_unknowns_and_empty_lists_are_left_out():
    outputs, dev = a_dev_set(500)
    changed = RankLists(
        np.concatenate([dev.features, dev.features]),
        np.concatenate([dev.mask, np.zeros_like(dev.mask)]),
        np.concatenate([dev.skills, dev.skills]),
        np.concatenate([dev.right, dev.right]),
        np.concatenate([dev.right_any, dev.right_any]),
        np.concatenate([dev.known, dev.known]),
    )
    twice = Outputs(*(np.concatenate([value, value]) for value in outputs))
    first, second = dev_figures(outputs, dev), dev_figures(twice, changed)
    assert first.calibration == second.calibration
    assert first.none == second.none


def test_nothing_to_fit_is_the_identity():
    none = random_lists(0).take(np.zeros(0, np.int64))
    empty = Outputs(np.zeros((0, 5)), np.zeros((0, 5)), np.zeros(0))
    found = dev_figures(empty, none)
    assert (found.calibration.slope, found.calibration.intercept, found.none.slope) == (1.0, 0.0, 1.0)
    assert found.metrics == {"dev_lists": 0.0, "dev_with_a_right_answer": 0.0}
