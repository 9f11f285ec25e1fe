"""Which split each customer goes to."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from components.records.request import SPLITS
from components.records.splits import Shares, hashed_split

HOUR = 3_600_000_000
"""Microseconds."""

_HELD_OUT_FIRST = ("test", "dev", "rank", "train")


class Census(msgspec.Struct, kw_only=True):
    """What must be known of the whole dataset before its records can be split.

    Attributes:
        pinned: Splits that some record asks for.
        hours: Records by hour since 1970; only gathered for a split by time.
    """

    pinned: set[str] = msgspec.field(default_factory=set)
    hours: dict[int, int] = msgspec.field(default_factory=dict)

    def add(self, other: "Census") -> None:
        """Adds the census of another part of the dataset."""
        self.pinned |= other.pinned
        for hour, count in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + count


class SplitPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that gives every customer one split.

    Attributes:
        pinned: The splits that the dataset has.
        shares: How much goes to the others.
        dev_from, test_from: Where the windows of dev and test begin, in microseconds since 1970; None for a
            split by hash.
    """

    pinned: frozenset[str]
    shares: Shares
    dev_from: int | None = None
    test_from: int | None = None

    @classmethod
    def of(cls, census: Census, shares: Shares, split_by: Literal["hash", "time"]) -> "SplitPlan":
        """The plan for a dataset with this census."""
        if split_by == "hash":
            return cls(pinned=frozenset(census.pinned), shares=shares)
        return cls(
            pinned=frozenset(census.pinned),
            shares=shares,
            dev_from=_hour_at(census.hours, 1.0 - shares.dev - shares.test),
            test_from=_hour_at(census.hours, 1.0 - shares.test),
        )

    def split_of(self, owner: str, pins: frozenset[str]) -> str:
        """The split of all of the owner's requests.

        Args:
            owner: As `splits.split_key` names it.
            pins: The splits that the owner's records ask for. Where they disagree, the one held out most
                (test, dev, rank, train) takes them all: nothing that is measured may have been learned.
        """
        if not pins:
            return hashed_split(owner, self.shares)
        pin = next(split for split in _HELD_OUT_FIRST if split in pins)
        return hashed_split(owner, self._missing) if pin == "train" else pin

    def keeps(self, split: str, time: int | None) -> bool:
        """Whether a request of this time lies in its split's window; always, unless the split is by time."""
        if self.dev_from is None or self.test_from is None or time is None:
            return True
        if split == "test":
            return time >= self.test_from
        if split == "dev":
            return self.dev_from <= time < self.test_from
        return time < self.dev_from

    @property
    def _missing(self) -> Shares:
        """The shares of the splits that the dataset lacks: these are carved from train."""
        given = {name: 0.0 for name in SPLITS if name in self.pinned and name != "train"}
        return msgspec.structs.replace(self.shares, **given)


def _hour_at(hours: Mapping[int, int], share: float) -> int:
    """The start of the first hour with at least `share` of the records before it."""
    wanted = round(share * sum(hours.values()))
    before = 0
    for hour in sorted(hours):
        if before >= wanted:
            return hour * HOUR
        before += hours[hour]
    return (max(hours, default=0) + 1) * HOUR
