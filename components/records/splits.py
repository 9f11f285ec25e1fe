"""Which split a request belongs to: stable, and never one customer in two splits."""

import hashlib

import msgspec

from components.records.request import Request
from components.records.text import normalise


class Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much of the requests goes where; what is left is train.

    Attributes:
        rank: Share of what would be train.
        dev: Share of all requests.
        test: Share of all requests.
    """

    rank: float = 0.2
    dev: float = 0.1
    test: float = 0.1

    def __post_init__(self) -> None:
        for name in ("rank", "dev", "test"):
            share = getattr(self, name)
            if not 0.0 <= share < 1.0:
                raise ValueError(f"`{name}` must lie in [0, 1). Received: {name}={share}")
        if self.dev + self.test >= 1.0:
            raise ValueError(f"`dev` + `test` must be below 1. Received: {self.dev} + {self.test}")


def split_key(request: Request) -> str:
    """What decides the split: the customer, or the normalised utterance where there is none."""
    return (
        f"c:{request.customer_id}" if request.customer_id is not None else f"u:{normalise(request.utterance)}"
    )


def unit_hash(key: str, salt: str) -> float:
    """A number in [0, 1) that depends on `key` and `salt` alone, evenly spread."""
    digest = hashlib.blake2b(key.encode(), digest_size=8, salt=salt.encode()).digest()
    return int.from_bytes(digest, "big") / 2**64


def hashed_split(key: str, shares: Shares) -> str:
    """The split of `key` where the record pins none."""
    at = unit_hash(key, "split")
    if at < shares.test:
        return "test"
    if at < shares.test + shares.dev:
        return "dev"
    return carve_rank(key, shares)


def carve_rank(key: str, shares: Shares) -> str:
    """`rank` for a share of what would be train, by a hash of its own; else `train`."""
    return "rank" if unit_hash(key, "rank") < shares.rank else "train"
