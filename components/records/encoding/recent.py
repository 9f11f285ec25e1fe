"""What was worked out lately, within a bound."""

from collections.abc import Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers the newest entries: at least `size` of them, at most twice as many.

    There are two generations. When the young one is full it becomes the old one, and what the old one held is
    forgotten, but for what has been asked for since. So what is used often stays, and no call ever pays for
    forgetting everything at once.

    Safe to use from many threads; a race costs no more than an entry.

    Args:
        size: Of a generation; positive.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def get(self, key: K) -> V | None:
        """What is remembered of a key, if anything."""
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.update({key: value})
        return value

    def update(self, entries: Mapping[K, V]) -> None:
        """Remembers these entries."""
        if len(self._young) + len(entries) > self._size:
            self._old, self._young = self._young, {}
        self._young.update(entries)
