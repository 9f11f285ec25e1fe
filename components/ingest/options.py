"""What a person may set for Ingest and its gate."""

from typing import Literal

import msgspec

from components.records.splits import Shares

REQUEST_PATTERNS = ("requests/*.jsonl", "requests/*.jsonl.gz", "requests/*.parquet")


class IngestOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a dataset is read and split.

    Attributes:
        requests: Glob patterns of the request files, relative to the dataset's folder.
        split_by: `hash`: by customer. `time`: by customer and time, so that dev follows train and test
            follows dev; requests outside the window of their customer's split are left out, and counted.
        shares: How much goes to the splits that the dataset does not have.
        block_bytes: How much of a file one worker reads at a time.
        partition_bytes: How much of the input one worker holds when it writes; sets the number of shards.
    """

    requests: tuple[str, ...] = REQUEST_PATTERNS
    split_by: Literal["hash", "time"] = "hash"
    shares: Shares = Shares()
    block_bytes: int = 16 << 20
    partition_bytes: int = 32 << 20

    def __post_init__(self) -> None:
        if not self.requests:
            raise ValueError("`requests` must name at least one pattern. Received: requests=()")
        for name in ("block_bytes", "partition_bytes"):
            size = getattr(self, name)
            if size < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={size}")


class GateOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How bad the data may be.

    Attributes:
        max_bad_share: Dead letters over records read, at most.
        max_anomalies: Features with an anomaly, at most.
        min_train, min_dev, min_test: Requests in the split, at least. Any of them may be 0, and so may rank.
    """

    max_bad_share: float = 0.05
    max_anomalies: int = 0
    min_train: int = 1
    min_dev: int = 1
    min_test: int = 1

    @property
    def least(self) -> dict[str, int]:
        """Requests that a split must have, by split."""
        return {"train": self.min_train, "dev": self.min_dev, "test": self.min_test}

    def __post_init__(self) -> None:
        if not 0.0 <= self.max_bad_share <= 1.0:
            raise ValueError(
                f"`max_bad_share` must lie in [0, 1]. Received: max_bad_share={self.max_bad_share}"
            )
        for name in ("max_anomalies", "min_train", "min_dev", "min_test"):
            value = getattr(self, name)
            if value < 0:
                raise ValueError(f"`{name}` must not be negative. Received: {name}={value}")
