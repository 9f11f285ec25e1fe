"""The options of batch prediction."""

import msgspec


class RankOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the `Rank` node predicts.

    Attributes:
        splits: Which splits of the examples.
        top: Skills per prediction.
    """

    splits: tuple[str, ...] = ("dev", "test")
    top: int = 10

    def __post_init__(self) -> None:
        if not self.splits:
            raise ValueError("`splits` must name at least one split. Received: none")
        if self.top < 1:
            raise ValueError(f"`top` must be positive. Received: top={self.top}")
