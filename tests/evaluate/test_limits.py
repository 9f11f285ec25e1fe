"""Limits of a caller: parsed, held, and what breaks them."""

import pytest

from components.evaluate.limits import broken, read_limits
from components.evaluate.metrics import METRICS


def test_a_metric_must_not_be_below_its_limit_and_an_error_not_above():
    metrics = {"top1": 0.8, "ece": 0.05, "macro_f1": 0.7}
    assert broken(read_limits(["top1=0.8", "ece=0.05"]), metrics) == []
    assert broken(read_limits(["top1=0.81", "ece=0.049", "macro_f1 = 0.7"]), metrics) == [
        "top1 is 0.8000; at least 0.81 is asked for",
        "ece is 0.0500; at most 0.049 is asked for",
    ]


def test_what_was_not_measured_breaks_its_limit():
    assert broken({"semer": 0.5}, {}) == ["semer could not be measured; at most 0.5 is asked for"]


def test_coverage_is_a_metric_too():
    assert read_limits(["coverage@0.95=0.5"]) == {"coverage@0.95": 0.5}


def test_an_unknown_metric_names_all_known_ones():
    with pytest.raises(ValueError, match=r"no metric 'top2'\. Known: ") as raised:
        read_limits(["top2=0.5"])
    assert all(metric in str(raised.value) for metric in METRICS)


@pytest.mark.parametrize("text", ["top1", "top1=", "top1=much"])
def test_a_limit_is_a_number(text):
    with pytest.raises(ValueError, match="metric=number"):
        read_limits([text])
