"""Hypothesis lists as arrays, one row a request."""

from dataclasses import dataclass, field, fields, replace

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
        weight: float32 [N], how much a list counts in training; where none is given, 1.

    Raises:
        ValueError: The shapes do not fit, or a value that counts is not finite.
    """

    features: npt.NDArray[np.float32]
    mask: Bools
    skills: Rows
    right: Bools
    right_any: Bools
    known: Bools
    weight: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        if self.features.ndim != 3:
            raise ValueError(f"`features` must be [N, k, F]. Received: shape {self.features.shape}")
        shape = self.features.shape[:2]
        if not self.weight.size:
            object.__setattr__(self, "weight", np.ones(shape[0], np.float32))
        if self.weight.shape != shape[:1]:
            raise ValueError(f"`weight` must be [N] = {shape[:1]}. Received: shape {self.weight.shape}")
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
        return RankLists(*(getattr(self, column.name)[rows] for column in fields(self)))

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
        moved = {
            name: np.take_along_axis(getattr(self, name), place, axis=1)
            for name in ("mask", "skills", "right", "right_any", "known")
        }
        return replace(self, features=np.take_along_axis(self.features, place[..., None], axis=1), **moved)
