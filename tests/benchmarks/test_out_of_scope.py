import numpy as np
import pytest

from benchmarks.ablations.out_of_scope import Requests, row
from benchmarks.ablations.refusals import Decision
from components.shortlister.options import ShortlisterOptions


def test_a_line_has_the_mean_the_worst_seed_and_whether_the_rate_was_kept():
    outside = [np.arange(40) < 2, np.arange(40) < 6]
    inside, right = np.arange(100) >= 10, np.arange(100) % 4 > 0
    decisions = [Decision(one, inside, right) for one in outside]
    requests = Requests(
        "toy", {}, 3, ShortlisterOptions(), [str(n) for n in range(40)], [str(n) for n in range(100)]
    )
    found = row(0.1, "a threshold", decisions, requests)
    assert found[:4] == ("10%", "a threshold", pytest.approx(0.1), pytest.approx(6 / 40))
    assert found[5:7] == (pytest.approx(0.1), pytest.approx(0.1))
    served = float((inside & right).mean())
    assert found[8:10] == (pytest.approx(served), pytest.approx(served))
    assert found[11:] == (pytest.approx(0.75), "1 of 2")
    for interval, share in ((found[4], 0.1), (found[7], 0.1), (found[10], served)):
        low, high = map(float, interval.split(" … "))
        assert low < share < high
