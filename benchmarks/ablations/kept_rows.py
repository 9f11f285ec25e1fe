"""What the table of the personalisation keeps of a training."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.shortlister_runs import Result

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kept:
    """What a table needs of one training; see `Result`. `seconds` are of its steps."""

    right: Bools
    right_any: Bools
    in_top5: Bools
    dev_top1: float
    seconds: float

    @classmethod
    def of(cls, result: Result) -> "Kept":
        return cls(result.right, result.right_any, result.in_top5, result.dev_top1, result.seconds)

    def __str__(self) -> str:
        return f"dev {self.dev_top1:.4f}, {self.seconds:.0f} s"
