"""Stands in for pyfarmhash, which exists only as C source and would ask every user for a compiler.

TensorFlow Data Validation imports it for two things: naming a partition of features, where any stable
hash serves, and its skew detector, which wants FarmHash64 itself. TensorFlow carries that function.
"""


def fingerprint64(text: str | bytes) -> int:
    """FarmHash Fingerprint64 of `text` as an unsigned integer."""
    import tensorflow as tf

    digest: bytes = tf.fingerprint(tf.constant([text])).numpy().tobytes()
    return int.from_bytes(digest, "little")


def fingerprint32(text: str | bytes) -> int:
    """A stable 32-bit hash: the low half of `fingerprint64` (FarmHash32 itself is not needed)."""
    return fingerprint64(text) & 0xFFFFFFFF
