import msgspec
import numpy as np
import pytest

from components.records.calibration import ece
from components.records.reliability import Curve
from components.reranker.reliability import Answers, curve, curves, worst_domain

RNG = np.random.default_rng(5)
CONFIDENCE = RNG.random(997)
RIGHT = RNG.random(997) < CONFIDENCE
DOMAIN = RNG.integers(3, size=997)
ANSWERS = Answers(DOMAIN, CONFIDENCE, RIGHT)
NAMES = {0: "Music", 1: "Weather", 2: "Taxi", 7: "never answers"}


def test_one_curve_over_all_domains_and_one_for_each_that_answers():
    found = curves({"R0": ANSWERS, "R2": ANSWERS}, NAMES)
    assert [(c.loss, c.domain) for c in found] == [
        (loss, domain) for loss in ("R0", "R2") for domain in (None, "Music", "Weather", "Taxi")
    ]
    assert found[0].requests == 997 == sum(c.requests for c in found[1:4])
    assert found[0].ece == pytest.approx(ece(CONFIDENCE, RIGHT))
    assert found[1].ece == pytest.approx(ece(CONFIDENCE[DOMAIN == 0], RIGHT[DOMAIN == 0]))
    assert found[0].accuracy == pytest.approx(RIGHT.mean())
    assert worst_domain(found, "R2") == max(c.ece for c in found[5:])
    assert worst_domain(found, "R2", least=10**6) == 0.0


def test_points_are_bins_with_their_intervals():
    points = curve("R0", None, ANSWERS).points
    assert sum(point.requests for point in points) == 997
    assert all(point.low <= point.accuracy <= point.high for point in points)
    assert [p.confidence for p in points] == sorted(p.confidence for p in points)


def test_domains_that_err_in_opposite_ways_look_right_only_together():
    confidence = np.full(200, 0.5)
    right = np.arange(200) < 100
    found = curves({"R0": Answers(np.repeat([0, 1], 100), confidence, right)}, NAMES)
    assert found[0].ece == pytest.approx(0.0)
    assert worst_domain(found, "R0") == pytest.approx(0.5)


def test_no_requests_at_all():
    none = Answers(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool))
    found = curve("R0", None, none)
    assert (found.requests, found.ece, found.ece_mass, found.brier, found.points) == (0, 0.0, 0.0, 0.0, ())


def test_json_round_trip():
    found = curve("R3", "Music", ANSWERS)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Curve) == found
