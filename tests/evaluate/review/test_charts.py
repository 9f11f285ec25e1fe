"""Diagrams of any figures: drawn, without NaN, inside their frame."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluate.evaluation import Bin
from components.evaluate.review.charts.answers import (
    LEAST,
    confidence_histogram,
    recall_curve,
    reliability_diagram,
)
from components.evaluate.review.charts.forest import Figure, forest

finite = st.floats(-1e6, 1e6, allow_nan=False)


def centres(drawn):
    return [float(x) for x in re.findall(r'cx="([-\d.]+)"', drawn)]


@given(st.lists(st.tuples(finite, finite, finite), min_size=1, max_size=7), st.booleans())
def test_every_dot_and_interval_of_a_forest_is_inside_it(triples, zero):
    figures = [
        Figure(f"f{n}", sorted(each)[1], (min(each), max(each)), "shown") for n, each in enumerate(triples)
    ]
    drawn = forest("title", "axis", figures, zero=zero)
    assert "nan" not in drawn
    assert "inf" not in drawn
    ends = [float(x) for x in re.findall(r'x1="([-\d.]+)"[^>]*class="whisker', drawn)]
    assert len(centres(drawn)) == len(ends) == len(figures)
    assert all(180 <= x <= 680 for x in [*centres(drawn), *ends])


def test_a_forest_keeps_the_order_of_its_figures():
    drawn = forest("t", "a", [Figure("low", 0.2, None, ""), Figure("high", 0.9, None, "")])
    low, high = centres(drawn)
    assert low < high
    assert drawn.count("whisker") == 0


@pytest.mark.parametrize("recall", [(1.0,), (0.0,), (0.3, 0.31), (0.995, 0.999), tuple([0.5] * 40)])
def test_recall_stays_on_its_axis(recall):
    drawn = recall_curve(recall)
    heights = [float(y) for y in re.findall(r'cy="([-\d.]+)"', drawn)]
    assert len(heights) == len(recall)
    assert all(28 <= y <= 241 for y in heights)


def test_small_bins_are_hollow_and_not_joined():
    bins = [
        Bin(count=LEAST - 1, confidence=0.1, accuracy=0.9),
        Bin(count=LEAST, confidence=0.5, accuracy=0.5),
        Bin(count=100, confidence=0.9, accuracy=0.8),
    ]
    drawn = reliability_diagram(bins)
    assert drawn.count("hollow") == 1
    [points] = re.findall(r'<polyline points="([^"]*)"', drawn)
    assert len(points.split()) == 2
    assert drawn.count("whisker") == 3


def test_one_wrong_answer_is_seen_beside_ten_thousand_right_ones():
    drawn = confidence_histogram([0, 10_000], [1, 0])
    heights = dict(re.findall(r'height="([\d.]+)" class="(right|wrong)"', drawn))
    assert set(heights.values()) == {"right", "wrong"}
    assert min(map(float, heights)) > 10
