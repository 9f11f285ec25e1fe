"""Means and minima over seeds, intervals over customers, paired differences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.shortlister_runs import interval

Values = npt.NDArray[np.bool_] | npt.NDArray[np.float64]
"""One value a request, [N]: right or wrong, or a figure."""


@dataclass(frozen=True)
class Estimate:
    """A mean over requests and seeds, the worst seed, and the 95 % interval of the mean."""

    mean: float
    minimum: float
    low: float
    high: float

    @property
    def range(self) -> str:
        """The interval in words."""
        return f"{self.low:.4f} … {self.high:.4f}"


def estimate(seeds: Sequence[Values], groups: Sequence[str]) -> Estimate:
    """What `seeds`, one array [N] each (right or wrong, or a figure), come to; `groups` [N] are customers.

    The interval is a bootstrap over customers of the mean over seeds: a customer's requests share a list.
    """
    mean = _mean(seeds)  # [N]
    low, high = interval(mean, groups=groups)
    return Estimate(float(mean.mean()), min(float(np.mean(seed)) for seed in seeds), low, high)


@dataclass(frozen=True)
class Difference:
    """Better minus worse on the same requests, and the share of the worse one's errors that it is."""

    mean: float
    low: float
    high: float
    of_the_errors: float

    @property
    def range(self) -> str:
        """The interval in words."""
        return f"{self.low:+.4f} … {self.high:+.4f}"


def difference(
    better: Sequence[Values],
    worse: Sequence[Values],
    groups: Sequence[str],
) -> Difference:
    """The paired difference, with its bootstrap interval over customers; arrays [N] as in `estimate`."""
    least = _mean(worse)
    gap = _mean(better) - least  # [N]
    low, high = interval(gap, groups=groups)
    errors = float(np.sum(1.0 - least))
    return Difference(float(gap.mean()), low, high, float(gap.sum()) / errors if errors else 0.0)


def mcnemar(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> float:
    """Two-sided exact probability of so unequal a split of the requests that one alone gets right.

    McNemar (1947); the split is a fair coin's where both are equally good.

    >>> mcnemar(np.array([True] * 5 + [False]), np.array([False] * 5 + [True]))
    0.21875
    """
    only_first, only_second = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    total, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.exp(_log_choose(total, k) - total * math.log(2.0)) for k in range(fewer + 1))
    return min(round(2.0 * tail, 12), 1.0)


def _mean(seeds: Sequence[Values]) -> npt.NDArray[np.float64]:
    """Per request, the mean over seeds: [N]."""
    mean: npt.NDArray[np.float64] = np.mean([seed.astype(np.float64) for seed in seeds], axis=0)
    return mean


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
