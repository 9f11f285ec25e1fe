"""How many requests each split would get, before anything is ingested."""

from collections import Counter

from components.ingest.split_plan import Census, SplitPlan
from components.records.request import SPLITS, Request
from components.records.splits import Shares, split_key


class SplitCounts:
    """Counts requests by what decides their split, where customers decide (`ingest.split_by=hash`).

    A duplicate counts like the request that it repeats.
    """

    def __init__(self) -> None:
        self._pinned: set[str] = set()
        self._customers: dict[str, tuple[int, frozenset[str]]] = {}
        self._others: Counter[tuple[str, frozenset[str]]] = Counter()

    def add(self, request: Request) -> None:
        """Counts one more."""
        pins = frozenset((request.split,) if request.split else ())
        self._pinned |= pins
        owner = split_key(request)
        if request.customer_id is None:
            self._others[owner, pins] += 1
        else:
            count, before = self._customers.get(owner, (0, frozenset()))
            self._customers[owner] = (count + 1, before | pins)

    def of(self, shares: Shares) -> dict[str, int]:
        """Requests by split, also those of splits that get none."""
        plan = SplitPlan.of(Census(pinned=self._pinned), shares, "hash")
        counts = dict.fromkeys(SPLITS, 0)
        for owner, (count, pins) in self._customers.items():
            counts[plan.split_of(owner, pins)] += count
        for (owner, pins), count in self._others.items():
            counts[plan.split_of(owner, pins)] += count
        return counts
