"""The hypotheses that one domain has for many requests, as arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lists:
    """L lists of one domain's hypotheses, one list a request, end to end.

    Shapes: N hypotheses in all, L lists, D features.

    Attributes:
        features: float [N, D], finite.
        starts: int [L], where each list begins; the first at 0, none empty.
        semer: float [N], SemER of each hypothesis; NaN where there is nothing to compare it with.
        right: bool [N], whether skill, intent and all slots are right.
        own: bool [L], whether the request belongs to this domain.
        weight: float [L], how much each list counts; not negative, 1 on average.

    Raises:
        ValueError: The shapes do not fit, a list is empty, or a value is not finite.
    """

    features: Floats
    starts: Ints
    semer: Floats
    right: Bools
    own: Bools
    weight: Floats

    def __post_init__(self) -> None:
        size, lists = len(self.features), len(self.starts)
        for name, length in (("semer", size), ("right", size), ("own", lists), ("weight", lists)):
            if len(getattr(self, name)) != length:
                raise ValueError(f"`{name}` must have {length} values. Received: {len(getattr(self, name))}")
        if self.features.ndim != 2:
            raise ValueError(f"`features` must be [N, D]. Received: shape {self.features.shape}")
        if not np.isfinite(self.features).all():
            raise ValueError("`features` must be finite. Received: a value that is not")
        if np.any(self.sizes < 1) or (lists and self.starts[0] != 0) or (size and not lists):
            raise ValueError(
                f"`starts` must rise from 0 to below {size}. Received: {self.starts.tolist()[:9]}"
            )
        if np.any(self.weight < 0.0):
            raise ValueError(f"`weight` must not be negative. Received: {float(self.weight.min())}")

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def sizes(self) -> Ints:
        """Hypotheses of each list, [L]."""
        return np.diff(self.starts, append=len(self.features))

    def spread(self, of_lists: Floats) -> Floats:
        """A value of each list for each of its hypotheses: [N] from [L]."""
        return np.repeat(of_lists, self.sizes)

    def total(self, of_hypotheses: Floats) -> Floats:
        """The sum over each list: [L] from [N]."""
        return np.add.reduceat(of_hypotheses, self.starts) if len(self) else np.zeros(0)

    def most(self, of_hypotheses: Floats) -> Floats:
        """The largest of each list: [L] from [N]."""
        return np.maximum.reduceat(of_hypotheses, self.starts) if len(self) else np.zeros(0)

    def best(self, scores: Floats) -> Ints:
        """The hypothesis with the highest score of each list, the first of equals: [L] from [N]."""
        number = np.repeat(np.arange(len(self)), self.sizes)  # [N]
        order = np.lexsort((-np.arange(len(scores)), scores, number))
        return order[np.cumsum(self.sizes) - 1]

    def take(self, lists: Ints) -> "Lists":
        """These lists, in this order; one may be taken more than once."""
        sizes = self.sizes[lists]
        starts = np.cumsum(sizes) - sizes
        rows = np.repeat(self.starts[lists] - starts, sizes) + np.arange(sizes.sum())
        return Lists(
            self.features[rows],
            starts,
            self.semer[rows],
            self.right[rows],
            self.own[lists],
            self.weight[lists],
        )
