import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.records.encoding.hashing import BASE, FIRST_BUCKET, PRIME, bucket_of, pair_hash, powers

HASHES = st.integers(0, PRIME - 1)


def test_powers_are_those_of_the_base():
    assert powers(5) == [BASE**j % PRIME for j in range(5)]


@given(HASHES, st.sampled_from(["word", "pair", "chars"]), st.integers(3, 1 << 20))
def test_buckets_are_in_range_and_exact_in_64_bits(value, kind, buckets):
    found = bucket_of(np.array([value]), kind, buckets)
    assert found.dtype == np.int64
    assert FIRST_BUCKET <= found[0] < buckets
    assert found[0] == bucket_of(value, kind, buckets)  # Python's integers do not overflow


@given(HASHES, HASHES)
def test_pairs_are_exact_in_64_bits(first, second):
    assert pair_hash(np.array([first]), np.array([second]))[0] == pair_hash(first, second)


def test_kinds_do_not_share_buckets():
    values = np.arange(1000)
    assert (bucket_of(values, "word", 1 << 20) != bucket_of(values, "pair", 1 << 20)).mean() > 0.99
