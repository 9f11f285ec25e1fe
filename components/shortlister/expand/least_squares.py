"""Ridge least squares: what old skills' vectors say of a new skill's."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class LinearMap(NamedTuple):
    """x [N, D] to (x - centre) @ weights + offset, [N, T]; weights [D, T], centre [D], offset [T]."""

    weights: Floats
    centre: Floats
    offset: Floats

    def __call__(self, x: npt.NDArray[np.floating]) -> Floats:
        mapped: Floats = (x - self.centre) @ self.weights + self.offset
        return mapped


def fit_map(
    x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], *, ridge: float = 1e-3, centred: bool = False
) -> LinearMap:
    """argmin_U Σ_j ‖U x_j - y_j‖² + λ ‖U‖², λ = ridge · tr(XᵀX) / D.

    With `centred` false this is the map U* of Kim et al. (2018), §3.5, from mean utterance vectors to skill
    embeddings; with `centred` the means of x and y are taken off first, so that λ shrinks towards the mean y.

    Args:
        x: [J, D].
        y: [J, T].
        ridge: Share of the mean eigenvalue of XᵀX that is added to each.
        centred: Whether to fit around the means.

    Returns: The map; without rows (J = 0), or where x says nothing, the one that answers the mean of y, or 0.
    Raises: ValueError: `ridge` is not positive, or x and y have different numbers of rows.
    """
    if ridge <= 0:
        raise ValueError(f"`ridge` must be positive. Received: ridge={ridge}")
    if len(x) != len(y):
        raise ValueError(f"`x` and `y` must have as many rows. Received: {len(x)} and {len(y)}")
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    size, targets = x.shape[1], y.shape[1]
    centre, offset = np.zeros(size), np.zeros(targets)
    if centred and len(x):
        centre, offset = x.mean(axis=0), y.mean(axis=0)
    gram = (x - centre).T @ (x - centre)  # [D, D]
    strength = ridge * np.trace(gram) / size
    if strength == 0.0:
        return LinearMap(np.zeros((size, targets)), centre, offset)
    weights = np.linalg.solve(gram + strength * np.eye(size), (x - centre).T @ (y - offset))  # [D, T]
    return LinearMap(weights, centre, offset)
