"""`checksums.json`: what an installed version's files must hold, so that none is served damaged."""

from collections.abc import Iterable
from pathlib import Path

import google_crc32c
import msgspec

from components.records.atomic import atomic_write

CHECKSUMS = "checksums.json"
_CHUNK = 1 << 20


def write_checksums(folder: Path, files: Iterable[Path]) -> None:
    """Notes the checksums (CRC-32C) of `files`, which are relative to `folder`."""
    found = {path.as_posix(): _checksum(folder / path) for path in sorted(files)}
    atomic_write(folder / CHECKSUMS, msgspec.json.format(msgspec.json.encode(found), indent=1))


def damaged(folder: Path, *, below: Iterable[str]) -> list[str]:
    """The files that are missing or do not hold what was noted of them; none where nothing was noted.

    Args:
        below: The files and folders to look at, relative to `folder`.

    Raises:
        ValueError: The notes themselves are damaged.
    """
    try:
        notes = (folder / CHECKSUMS).read_bytes()
    except FileNotFoundError:
        return []
    try:
        expected = msgspec.json.decode(notes, type=dict[str, int])
    except msgspec.DecodeError as error:
        raise ValueError(f"{CHECKSUMS} is damaged: {error}") from error
    looked_at = tuple(below)
    return [
        name
        for name, checksum in expected.items()
        if any(name == each or name.startswith(f"{each}/") for each in looked_at)
        and not ((folder / name).is_file() and _checksum(folder / name) == checksum)
    ]


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum = google_crc32c.extend(checksum, chunk)
    return checksum
