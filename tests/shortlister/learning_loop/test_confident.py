import math

import numpy as np
import pytest

from components.shortlister.learning_loop.confident import confidence_for, wilson_lower


def test_wilson_by_its_formula():
    z, n, k = 1.6448536269514722, 17, 13
    share = k / n
    expected = (share + z * z / (2 * n) - z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (
        1 + z * z / n
    )
    np.testing.assert_allclose(wilson_lower(np.array([k]), np.array([n])), [expected], rtol=1e-12)


def test_the_lowest_threshold_that_keeps_the_promise():
    confidence = np.linspace(1.0, 0.0, 1001)
    right = np.arange(1001) < 500
    threshold = confidence_for(confidence, right, precision=0.9)
    chosen = confidence >= threshold
    assert wilson_lower(np.array([right[chosen].sum()]), np.array([chosen.sum()]))[0] >= 0.9
    lower = confidence >= confidence[chosen.sum()]
    assert wilson_lower(np.array([right[lower].sum()]), np.array([lower.sum()]))[0] < 0.9


def test_equal_confidences_stand_together():
    confidence, right = np.full(100, 0.5), np.arange(100) < 60
    assert confidence_for(confidence, right, precision=0.9) == math.inf
    assert confidence_for(confidence, right, precision=0.5) == 0.5


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_or_no_requests_promise_nothing(count):
    assert confidence_for(np.ones(count), np.ones(count, bool), precision=0.95) == math.inf


def test_none_right():
    assert confidence_for(np.linspace(0, 1, 50), np.zeros(50, bool), precision=0.5) == math.inf
