"""What a logged choice weighs in training: the inverse of how likely the router was to make it.

What came of a request is known of the skill that the router chose. A log of its choices holds its favourites
too often: learnt from as it is, it confirms them. Weighted by 1 / propensity, what was seldom chosen counts
for all the times that it was not (inverse propensity scoring: Horvitz and Thompson, 1952; of logged choices:
Swaminathan and Joachims, 2015, https://arxiv.org/abs/1502.02362). A weight is at most `MOST` (clipped: a
little bias for much less variance), and those of a set are divided by their mean (self-normalised), so that
logged requests weigh together what as many others do.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from components.records.request import Request

MOST = 20.0
"""The largest weight before it is divided by the mean."""

Floats = npt.NDArray[np.float32]


def choice_propensity(request: Request, *told: str | None) -> float:
    """How likely the choice was that a label speaks of; NaN where it speaks of none that a router made.

    Where feedback names another skill than the chosen one, it was no choice that brought the label about.

    Args:
        told: The skills that the label speaks of, right or failed.
    """
    routing = request.routing
    if routing is None or routing.chosen is None or routing.chosen not in told:
        return float("nan")
    return routing.propensity


def choice_weights(propensities: Iterable[float]) -> Floats:
    """The weight of each request of a set, float32 [N]: 1 where the propensity is NaN.

    Of the n others: w_i = min(1 / p_i, MOST) · n / Σ_j min(1 / p_j, MOST).

    >>> choice_weights([0.5, 0.25, float("nan")]).tolist()
    [0.6666666865348816, 1.3333333730697632, 1.0]
    """
    given = np.asarray(list(propensities), np.float64)
    weights = np.ones(len(given), np.float64)
    logged = ~np.isnan(given)
    if logged.any():
        clipped = np.minimum(1.0 / given[logged], MOST)
        weights[logged] = clipped / clipped.mean()
    return weights.astype(np.float32)
