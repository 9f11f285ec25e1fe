"""TFRecord files without TensorFlow: length, checksum, bytes, checksum.

https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
"""

import gzip
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast

import google_crc32c


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file, one by one; a name that ends with `.gz` is read as gzip.

    Raises:
        ValueError: The file is cut short or a checksum does not match.
    """
    with _open(path, "rb") as file:
        while header := file.read(12):
            length = _checked(path, header, 8)
            (size,) = struct.unpack("<Q", length)
            yield _checked(path, file.read(size + 4), size)


def write_records(path: Path, records: Iterable[bytes]) -> None:
    """Writes `records`; a name that ends with `.gz` is compressed. The folder must exist."""
    with _open(path, "wb") as file:
        for record in records:
            length = struct.pack("<Q", len(record))
            file.write(length + _checksum(length) + record + _checksum(record))


def _open(path: Path, mode: Literal["rb", "wb"]) -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, mode))
    return path.open(mode)


def _checked(path: Path, block: bytes, size: int) -> bytes:
    data, checksum = block[:size], block[size:]
    if len(block) != size + 4 or checksum != _checksum(data):
        raise ValueError(f"{path} is no complete TFRecord file: a record is cut short or damaged")
    return data


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)
