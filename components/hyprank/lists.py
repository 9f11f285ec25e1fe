"""Hypothesis lists as arrays, one row a request."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class RankLists:
    """N lists of up to k hypotheses, one for each skill; the right end is padding.

    Attributes:
        features: float32 [N, k, F], as the records' `features` gives them; 0 for padding.
        mask: bool [N, k], True = a hypothesis.
        skills: int [N, k], row of the skill table; 0 for padding and for a skill that is not in it.
        right: bool [N, k], whether routing to the skill is right, by what may be learnt from: `skill_id`
            and pseudo-labels.
        right_any: bool [N, k], the same by everything that is known, `also_correct` too; calibration and
            measuring alone may look at it.
        known: bool [N, k], whether anybody knows.

    Raises:
        ValueError: The shapes do not fit, or a value that counts is not finite.
    """

    features: npt.NDArray[np.float32]
    mask: Bools
    skills: Rows
    right: Bools
    right_any: Bools
    known: Bools

    def __post_init__(self) -> None:
        if self.features.ndim != 3:
            raise ValueError(f"`features` must be [N, k, F]. Received: shape {self.features.shape}")
        shape = self.features.shape[:2]
        for name in ("mask", "skills", "right", "right_any", "known"):
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"`{name}` must be [N, k] = {shape}. Received: shape {getattr(self, name).shape}"
                )
        if not np.isfinite(self.features[self.mask]).all():
            raise ValueError("`features` must be finite. Received: a value that is not")

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: Rows) -> "RankLists":
        """These lists, in this order."""
        return RankLists(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def judged(self) -> Bools:
        """Lists of which it is known whether any hypothesis is right: [N]. An empty list is one."""
        told: Bools = np.logical_and.reduce(self.known | ~self.mask, axis=1)
        found: Bools = np.logical_or.reduce(self.right & self.known & self.mask, axis=1)
        return told | found

    def shuffled(self, rng: np.random.Generator) -> "RankLists":
        """The same lists with the hypotheses of each in random order, padding last."""
        key = np.where(self.mask, rng.random(self.mask.shape), 2.0)
        place = np.argsort(key, axis=1)
        moved = (
            np.take_along_axis(getattr(self, name), place, axis=1)
            for name in list(self.__dataclass_fields__)[1:]
        )
        return RankLists(np.take_along_axis(self.features, place[..., None], axis=1), *moved)
