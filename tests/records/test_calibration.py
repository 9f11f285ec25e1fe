import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records import calibration
from tests.evaluate.strategies import CONFIDENCES

confidences = st.lists(CONFIDENCES, min_size=1, max_size=61).map(np.array)


def test_equal_width_bins_hold_their_upper_edge():
    edges = np.array([0.0, 1e-9, 0.2, 0.2000001, 3 / 15, 14 / 15, 1.0])
    assert calibration.equal_width(edges).tolist() == [0, 0, 2, 3, 2, 13, 14]


@given(confidences)
def test_equal_mass_bins_rise_and_keep_ties_together(confidence):
    bins = calibration.equal_mass(confidence, 7)
    order = np.argsort(confidence, kind="stable")
    assert np.all(np.diff(bins[order]) >= 0)
    assert bins.min() == 0
    assert bins.max() < 7
    for value in np.unique(confidence):
        assert len(set(bins[confidence == value])) == 1


@given(st.integers(1, 97))
def test_equal_mass_bins_are_equal_without_ties(size):
    sizes = np.bincount(calibration.equal_mass(np.linspace(0.0, 1.0, size), 7), minlength=7)
    assert sizes.max() - sizes.min() <= 1


@given(confidences, st.randoms())
def test_the_order_of_requests_does_not_matter(confidence, rng):
    correct = np.array([rng.random() < 0.5 for _ in confidence])
    order = np.array(rng.sample(range(len(confidence)), len(confidence)))
    a = calibration.reliability(confidence, correct, calibration.equal_mass(confidence))
    b = calibration.reliability(confidence[order], correct[order], calibration.equal_mass(confidence[order]))
    for mine, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_ece_by_hand():
    confidence = np.array([0.9, 0.9, 0.9, 0.1])
    correct = np.array([True, True, False, False])
    bins = calibration.reliability(confidence, correct, calibration.equal_width(confidence))
    assert calibration.expected_calibration_error(bins) == pytest.approx(3 / 4 * (0.9 - 2 / 3) + 1 / 4 * 0.1)


def test_the_floor_is_what_a_calibrated_model_shows():
    rng = np.random.default_rng(0)
    found, floors = [], []
    for _ in range(200):
        confidence = rng.uniform(size=997)
        correct = rng.uniform(size=997) < confidence
        bins = calibration.reliability(confidence, correct, calibration.equal_width(confidence))
        found.append(calibration.expected_calibration_error(bins))
        floors.append(calibration.calibration_floor(bins))
    assert np.mean(found) == pytest.approx(np.mean(floors), rel=0.03)


def test_nothing_measured_is_zero_and_not_nan():
    none, no = np.array([]), np.array([], dtype=bool)
    for bins in (calibration.equal_width(none), calibration.equal_mass(none)):
        held = calibration.reliability(none, no, bins)
        assert calibration.expected_calibration_error(held) == 0.0
        assert calibration.calibration_floor(held) == 0.0
    assert calibration.brier(none, no) == 0.0


def test_wilson_by_hand():
    z, n, p = 1.959963984540054, 50, 0.9
    low = (p + z * z / (2 * n) - z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    assert calibration.wilson(p, n)[0] == pytest.approx(low)
    assert calibration.wilson(1.0, 50)[1] == 1.0
    assert calibration.wilson(0.3, 0) == (0.0, 1.0)
