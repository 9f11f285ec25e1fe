"""`tf.train.Example` bytes straight from values, without protobuf objects or TensorFlow.

An Example is a map of named features. On the wire a map is a run of entries, and runs can be joined: an
Example grows by appending entries. Ingest and Label, which touch every record, use this: nothing is decoded
only to be encoded again. Encoding: https://protobuf.dev/programming-guides/encoding.
"""

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from components.records.features import FEATURES, F

_ONE_BYTE = [bytes([n]) for n in range(128)]
_LIST_TAG = {"bytes": b"\x0a", "float": b"\x12", "int64": b"\x1a"}
_WORD = (1 << 64) - 1
_SELDOM_TWICE = frozenset({F.REQUEST_ID, F.UTTERANCE, F.TIMESTAMP, F.LABEL_TEXT})


def encode_entries(values: Mapping[str, Sequence[Any]]) -> bytes:
    """The entries of these features, in the order given; a feature without values is left out.

    Raises:
        KeyError: A feature that `FEATURES` does not know.
    """
    return b"".join(
        [
            _entry(name, items) if len(items) > 1 or name in _SELDOM_TWICE else _known_entry(name, items[0])
            for name, items in values.items()
            if items
        ]
    )


def example(entries: bytes) -> bytes:
    """The Example made of these entries."""
    return b"\x0a" + _varint(len(entries)) + entries


def entries_of(encoded: bytes) -> bytes:
    """The entries of an Example: the inverse of `example`.

    Raises:
        ValueError: `encoded` is no Example.
    """
    if not encoded:
        return b""
    size, start = _read_varint(encoded, 1)
    if encoded[0] != 0x0A or start + size != len(encoded):
        raise ValueError(f"`encoded` must be one tf.train.Example. Received: {encoded[:20]!r}")
    return encoded[start:]


def pick(entries: bytes, names: Mapping[bytes, str]) -> dict[str, str]:
    """The first value of each wanted `bytes` feature, as text; absent ones are left out.

    Args:
        entries: As `entries_of` gives them.
        names: The wanted features, by their encoded name.
    """
    found = {}
    at, end = 0, len(entries)
    while at < end:
        size, at = _read_varint(entries, at + 1)
        key = at + 2  # a name is shorter than 128 bytes
        value = key + entries[at + 1]
        name = names.get(entries[key:value])
        at += size
        if name is not None:
            feature_size, feature = _read_varint(entries, value + 1)
            if feature_size:
                _, item = _read_varint(entries, feature + 1)
                length, text = _read_varint(entries, item + 1)
                found[name] = entries[text : text + length].decode()
    return found


def _entry(name: str, items: Sequence[Any]) -> bytes:
    kind = FEATURES[name].kind
    if kind == "bytes":
        if len(items) == 1:
            encoded: bytes = items[0].encode()
            return _head_of_one(name, len(encoded)) + encoded
        payload = b"".join(map(_item, items))
    elif kind == "int64":
        packed = b"".join(map(_varint, items))
        payload = b"\x0a" + _varint(len(packed)) + packed
    else:
        payload = b"\x0a" + _varint(4 * len(items)) + struct.pack(f"<{len(items)}f", *items)
    return _head(name, kind, len(payload)) + payload


# What is worth remembering: devices, outcomes, skills and the like come back in every other request.


@lru_cache(1 << 16)
def _known_entry(name: str, item: Any) -> bytes:
    return _entry(name, (item,))


@lru_cache(1 << 16)
def _item(text: str) -> bytes:
    encoded = text.encode()
    return b"\x0a" + _varint(len(encoded)) + encoded


@lru_cache(1 << 14)
def _head(name: str, kind: str, size: int) -> bytes:
    """What precedes `size` bytes of list payload in an entry: the tags and lengths, and the name."""
    feature = _LIST_TAG[kind] + _varint(size)
    encoded = name.encode()
    key = b"\x0a" + _varint(len(encoded)) + encoded
    entry = key + b"\x12" + _varint(len(feature) + size) + feature
    return b"\x0a" + _varint(len(entry) + size) + entry


@lru_cache(1 << 14)
def _head_of_one(name: str, size: int) -> bytes:
    item = b"\x0a" + _varint(size)
    return _head(name, "bytes", len(item) + size) + item


def _varint(value: int) -> bytes:
    return _ONE_BYTE[value] if 0 <= value < 128 else _long_varint(value)


@lru_cache(1 << 16)
def _long_varint(value: int) -> bytes:
    # Remembered: lengths are few, and a customer's timestamps come back in each of its later requests.
    value &= _WORD
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends."""
    value = data[at]
    if value < 128:
        return value, at + 1
    value &= 127
    shift = 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at + 1
        shift += 7
