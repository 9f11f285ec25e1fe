"""What logged choices weigh, by the formula written out."""

import math

import numpy as np
import pytest

from components.records.propensity import MOST, choice_propensity, choice_weights
from components.records.request import Request, Routing


def request(chosen="radio", propensity=0.25, **given):
    routing = Routing(chosen=chosen, propensity=propensity)
    return Request(request_id="r", utterance="play", routing=routing, **given)


def test_weights_by_hand():
    found = choice_weights([0.5, math.nan, 0.1, 1.0, 0.001])
    clipped = [2.0, 10.0, 1.0, MOST]
    mean = sum(clipped) / 4
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([2.0 / mean, 1.0, 10.0 / mean, 1.0 / mean, MOST / mean])
    assert found[[0, 2, 3, 4]].mean() == pytest.approx(1.0)


@pytest.mark.parametrize("propensities", [[], [math.nan] * 3, [1.0] * 3, [0.3] * 7, [1.0, math.nan]])
def test_where_no_choice_was_likelier_than_another_all_weigh_exactly_one(propensities):
    assert choice_weights(propensities).tolist() == [1.0] * len(propensities)


def test_a_label_that_no_choice_brought_about_has_no_propensity():
    assert choice_propensity(request(), "radio", None) == 0.25
    assert choice_propensity(request(), None, "radio") == 0.25
    assert math.isnan(choice_propensity(request(), "films", None))
    assert math.isnan(choice_propensity(request(chosen=None), None, None))
    assert math.isnan(choice_propensity(Request(request_id="r", utterance="play"), "radio"))


def test_the_weighted_share_of_a_biased_log_is_that_of_the_world():
    rng = np.random.default_rng(0)
    chosen = rng.random(20_000) < 0.9  # the favourite, else the other
    right = rng.random(20_000) < 0.4  # the favourite, else the other
    handled = chosen == right
    weights = choice_weights(np.where(chosen, 0.9, 0.1)[handled])
    share = np.average(chosen[handled], weights=weights)
    assert chosen[handled].mean() > 0.8
    assert share == pytest.approx(0.4, abs=0.03)
