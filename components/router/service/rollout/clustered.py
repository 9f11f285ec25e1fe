"""Shares and their differences, where a customer's requests are not independent of each other."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Z95 = 1.96


class Mean(NamedTuple):
    """A mean over requests.

    Attributes:
        value: As it is; NaN where there is no request.
        centre, variance: Of the interval.
        requests, customers: That it is over.
    """

    value: float
    centre: float
    variance: float
    requests: int
    customers: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        half = Z95 * math.sqrt(self.variance)
        return self.centre - half, self.centre + half


def mean(values: Iterable[tuple[str, float]], *, ends: Sequence[float] = (0.0, 1.0)) -> Mean:
    """The mean of values, by customer: all requests of a customer may have gone well or badly together.

    With s and n the sum and the number of a customer's values, r = Σ s / Σ n, and over C customers
    Var r = C / (C - 1) Σ (s - r n)² / (Σ n)² (the linearised variance of a ratio; Cochran 1977, §6.3, §9A).
    For the interval each of `ends` is added once, as a customer's only value, so that it is honest where
    nothing has failed yet (Agresti and Caffo 2000, https://doi.org/10.1080/00031305.2000.10474560).

    Args:
        values: A customer and a value of one request.
        ends: What a value can be at least and at most.
    """
    sums: dict[str, tuple[float, int]] = {}
    for customer, value in values:
        total, count = sums.get(customer, (0.0, 0))
        sums[customer] = total + value, count + 1
    own = sum(total for total, _ in sums.values())
    requests = sum(count for _, count in sums.values())
    clusters = [*sums.values(), *((end, 1) for end in ends)]
    size = requests + len(ends)
    centre = (own + sum(ends)) / size
    spread = sum((total - centre * count) ** 2 for total, count in clusters)
    return Mean(
        value=own / requests if requests else math.nan,
        centre=centre,
        variance=len(clusters) / (len(clusters) - 1) * spread / size**2,
        requests=requests,
        customers=len(sums),
    )


def difference(before: Mean, after: Mean) -> tuple[float, float]:
    """The 95 % interval of `after` less `before`, which have no customer in common."""
    half = Z95 * math.sqrt(before.variance + after.variance)
    change = after.centre - before.centre
    return change - half, change + half


def surely_above(hits: int, requests: int, share: float) -> bool:
    """Whether more than `share` of requests are hits, beyond what chance explains (independent requests)."""
    size = requests + 2
    centre = (hits + 1) / size
    return centre - Z95 * math.sqrt(centre * (1.0 - centre) / size) > share
