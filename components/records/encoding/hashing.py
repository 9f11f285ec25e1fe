"""Hashes of code-point sequences by plain integer arithmetic, the same in TensorFlow and in NumPy.

A sequence c_1 … c_n hashes to (Σ_j c_j · BASE^j) mod PRIME; buckets are salted by kind, so that a word and a
character n-gram that look alike do not share one. All products stay below 2^62, so int64 never overflows.
"""

from typing import Any

PRIME = 2_147_483_647
"""2^31 - 1; a hash is in [0, PRIME)."""
BASE = 1_000_003
FIRST_BUCKET = 2
"""Bucket 0 is padding and bucket 1 the unknown word, so hashes start here."""

_SALTS = {"word": 16_807, "pair": 48_271, "chars": 69_621}


def powers(length: int) -> list[int]:
    """BASE^0 … BASE^(length-1), each mod PRIME.

    >>> powers(3)
    [1, 1000003, 1426104154]
    """
    return [pow(BASE, exponent, PRIME) for exponent in range(length)]


def bucket_of(hashes: Any, kind: str, buckets: int) -> Any:
    """The bucket of each hash of a kind ("word", "pair", "chars"), in [FIRST_BUCKET, buckets).

    Args:
        hashes: int64 array or tensor of any shape, values in [0, PRIME).
        kind: Names the salt.
        buckets: Size of the embedding table; more than FIRST_BUCKET.
    """
    return (hashes * _SALTS[kind] + len(kind)) % PRIME % (buckets - FIRST_BUCKET) + FIRST_BUCKET


def pair_buckets(hashes: Any, buckets: int) -> Any:
    """The bucket of each word with the one after it, from the words' hashes [W]: [W - 1]."""
    return bucket_of(pair_hash(hashes[:-1], hashes[1:]), "pair", buckets)


def pair_hash(first: Any, second: Any) -> Any:
    """The hash of two neighbouring words from theirs, order kept: int64, the shape of both."""
    return (first * BASE + second) % PRIME
