"""How far a figure may be off by chance, where many are looked at at once."""

from statistics import NormalDist
from typing import NamedTuple

_INTERVAL_95 = 2.0 * NormalDist().inv_cdf(0.975)
"""Width of a 95 % interval in standard errors."""

METHOD = (
    "A figure that misses its threshold fails where chance does not explain it: where it is worse by more "
    "than z standard errors of the (paired) bootstrap and one request (the correction for continuity: where "
    "few requests changed sides the normal distribution promises too much). The share of false alarms that "
    "is allowed is divided among all figures that are looked at together (Bonferroni), and z is that of each "
    "one's share."
)


class Chance(NamedTuple):
    """The room that chance has in each of `figures` that are looked at together: `z` standard errors, and
    one request."""

    figures: int
    z: float

    def room(self, deviation: float, requests: float) -> float:
        """Of a figure with this standard error on so many requests; 0 where the error is 0."""
        return self.z * deviation + 1.0 / max(requests, 1.0) if deviation else 0.0

    def words(self, room: float, *, explains: bool) -> str:
        """Whether chance explains what misses a threshold, for a person."""
        among = "" if self.figures == 1 else f", {self.figures} figures compared at once"
        if explains:
            return f"but chance alone explains up to {room:.4f}{among}"
        return f"and chance explains {room:.4f} at most{among}"


def at_once(figures: int, false_alarms: float) -> Chance:
    """So that of judgements in which nothing is worse, `false_alarms` at most fail by chance.

    >>> round(at_once(1, 0.05).z, 2), round(at_once(50, 0.05).z, 2)
    (1.64, 3.09)
    """
    return Chance(figures, NormalDist().inv_cdf(1.0 - false_alarms / max(figures, 1)))


def deviation_of(interval: tuple[float, float]) -> float:
    """The standard error of a figure with this 95 % interval."""
    low, high = interval
    return (high - low) / _INTERVAL_95
