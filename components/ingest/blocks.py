"""Which files a dataset has, and how they are cut into blocks that can be read side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal["lines", "gzip", "parquet"]

_INFLATION = 8
"""Bytes of JSON per byte of a gzip or Parquet file, roughly; only the number of shards depends on it."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of one file. A line belongs to the block in which it begins.

    Attributes:
        index: Position among all blocks, in file order.
        start, end: Bytes of the file. A gzip or Parquet file is one block.
    """

    index: int
    path: str
    kind: Kind
    start: int
    end: int


def request_files(data: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    """The files that match, each once, sorted.

    Raises:
        FileNotFoundError: No file matches.
    """
    files = sorted({path for pattern in patterns for path in data.glob(pattern) if path.is_file()})
    if not files:
        raise FileNotFoundError(
            f"{data} has no request files: put them in {data / 'requests'} as *.jsonl, *.jsonl.gz or "
            f"*.parquet. Looked for: {', '.join(patterns)}"
        )
    return tuple(files)


def blocks(files: Sequence[Path], block_bytes: int) -> tuple[Block, ...]:
    """Every byte of every file, in order; an empty file is one empty block."""
    cut = []
    for path in files:
        size, kind = path.stat().st_size, _kind(path)
        step = block_bytes if kind == "lines" else max(size, 1)
        cut += [(str(path), kind, at, min(at + step, size)) for at in range(0, max(size, 1), step)]
    return tuple(
        Block(index=i, path=path, kind=kind, start=start, end=end)
        for i, (path, kind, start, end) in enumerate(cut)
    )


def shards_for(every: Sequence[Block], partition_bytes: int) -> int:
    """How many shards the output has, so that one of them fits comfortably in memory."""
    size = sum((block.end - block.start) * (1 if block.kind == "lines" else _INFLATION) for block in every)
    return -(-size // partition_bytes) or 1


def _kind(path: Path) -> Kind:
    """By name; a `.jsonl` that is gzip inside is read as gzip."""
    if path.suffix == ".parquet":
        return "parquet"
    with path.open("rb") as file:
        return "gzip" if path.suffix == ".gz" or file.read(2) == b"\x1f\x8b" else "lines"
