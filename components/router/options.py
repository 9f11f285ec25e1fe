"""The options of batch prediction and of hypothesis lists."""

import msgspec

CANDIDATES = 5
"""How many candidates of a request are read where nobody says otherwise."""


class RankOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the `Rank` node predicts.

    Attributes:
        splits: Which splits of the examples.
        top: Skills per prediction.
        cost_sample: Requests that are asked once more, one by one in a process of its own, to measure what
            an answer costs; 0 measures nothing.
    """

    splits: tuple[str, ...] = ("dev", "test")
    top: int = 10
    cost_sample: int = 200

    def __post_init__(self) -> None:
        if not self.splits:
            raise ValueError("`splits` must name at least one split. Received: none")
        if self.top < 1:
            raise ValueError(f"`top` must be positive. Received: top={self.top}")
        if self.cost_sample < 0:
            raise ValueError(f"`cost_sample` must not be negative. Received: {self.cost_sample}")


class HypothesizeOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the `Hypothesize` node reads.

    Attributes:
        splits: Which splits of the examples; never train, which the models have seen.
        k: Candidates of a request.
    """

    splits: tuple[str, ...] = ("rank", "dev", "test")
    k: int = CANDIDATES

    def __post_init__(self) -> None:
        if not self.splits or "train" in self.splits:
            raise ValueError(
                "`splits` must name at least one split, and not train, which the models have seen. "
                f"Received: {', '.join(self.splits) or 'none'}"
            )
        if self.k < 1:
            raise ValueError(f"`k` must be positive. Received: k={self.k}")
