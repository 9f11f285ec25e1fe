"""Newton-like steps for a smooth function whose curvature is roughly known beforehand."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_MEMORY = 8  # pairs of steps and changes of the gradient that are kept
_ENOUGH = 1e-4  # of the promised decrease
_HALVINGS = 20


def minimise(
    function: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    inverse_curvature: Callable[[Floats], Floats],
    *,
    steps: int,
) -> Floats:
    """L-BFGS, Nocedal & Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5, from a known H_0.

    Every step goes down: it is halved until the function has fallen by a share of what its slope promises.

    Args:
        function: x to its value and its gradient, of the shape of x.
        start: x, of any shape.
        inverse_curvature: H_0, from a gradient to a step; linear, symmetric and positive. The better it fits,
            the fewer steps are needed.
        steps: At most; fewer where no step goes down any more.

    Returns: The x with the smallest value found.
    """
    x = start
    value, gradient = function(x)
    pairs: list[tuple[Floats, Floats, float]] = []
    for _ in range(steps):
        direction = -_times_inverse_curvature(gradient, pairs, inverse_curvature)
        slope = float(np.vdot(gradient, direction))
        if not slope < 0.0:
            break
        found = _step_down(function, x, value, direction, slope)
        if found is None:
            break
        moved, lower, changed = found
        bend = float(np.vdot(moved - x, changed - gradient))
        if bend > 0.0:
            pairs = [*pairs, (moved - x, changed - gradient, bend)][-_MEMORY:]
        x, value, gradient = moved, lower, changed
    return x


def _step_down(
    function: Callable[[Floats], tuple[float, Floats]],
    x: Floats,
    value: float,
    direction: Floats,
    slope: float,
) -> tuple[Floats, float, Floats] | None:
    """The first of x + direction, x + direction/2, … that is low enough, if any; its value and gradient."""
    size = 1.0
    for _ in range(_HALVINGS):
        moved = x + size * direction
        lower, gradient = function(moved)
        if lower <= value + _ENOUGH * size * slope:
            return moved, lower, gradient
        size /= 2
    return None


def _times_inverse_curvature(
    gradient: Floats,
    pairs: list[tuple[Floats, Floats, float]],
    inverse_curvature: Callable[[Floats], Floats],
) -> Floats:
    """The two loops of algorithm 7.4; H_0 is scaled to the curvature of the newest step."""
    rest = gradient
    shares = []
    for step, change, bend in reversed(pairs):
        shares.append(np.vdot(step, rest) / bend)
        rest = rest - shares[-1] * change
    found = inverse_curvature(rest)
    if pairs:
        _, change, bend = pairs[-1]
        found = found * (bend / np.vdot(change, inverse_curvature(change)))
    for (step, change, bend), share in zip(pairs, reversed(shares), strict=True):
        found = found + step * (share - np.vdot(change, found) / bend)
    return found
