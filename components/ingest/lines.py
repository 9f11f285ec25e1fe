"""The lines of a block, whatever bytes are in it."""

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from components.ingest.blocks import Block
from components.records.parse import MAX_LINE

_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"


class BrokenFileError(Exception):
    """The file ends or breaks before its end; the lines before that are good."""


def lines(block: Block) -> Iterator[bytes]:
    """The lines that begin in the block, without their newline, blank ones included.

    A line longer than `MAX_LINE` is cut to one byte more, so that parsing refuses it and memory stays small.

    Raises:
        BrokenFileError: After the last whole line, where a gzip stream is cut short or damaged.
    """
    at_start = block.start == 0
    for line in _split(_gzip_chunks(block) if block.kind == "gzip" else _chunks(block)):
        yield line.removeprefix(_BOM) if at_start else line
        at_start = False


def _chunks(block: Block) -> Iterator[bytes]:
    """The block's bytes from its first line start to the end of its last line."""
    with open(block.path, "rb") as file:
        at = block.start
        if at and not _skip_to_line(file, block):
            return
        at, chunk = file.tell(), b"\n"
        while at < block.end:
            chunk = file.read(min(_CHUNK, block.end - at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk
        # The last line may go on past the end: up to and including its newline it is ours.
        while chunk[-1:] != b"\n":
            chunk = file.readline(_CHUNK)
            if not chunk:
                return
            yield chunk


def _skip_to_line(file: BinaryIO, block: Block) -> bool:
    """Moves to the first line that begins in the block; False where none does."""
    file.seek(block.start - 1)
    while file.tell() < block.end:
        if file.readline(min(_CHUNK, block.end - file.tell()))[-1:] == b"\n":
            return file.tell() < block.end
    return False


def _gzip_chunks(block: Block) -> Iterator[bytes]:
    with gzip.open(block.path, "rb") as file:
        while True:
            try:
                chunk = file.read1(_CHUNK)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise BrokenFileError(str(error)) from error
            if not chunk:
                return
            yield chunk


def _split(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines from chunks that may end anywhere; of an over-long line only the start is held."""
    rest = b""
    for chunk in chunks:
        first, *whole = chunk.split(b"\n")
        rest += first[: MAX_LINE + 1 - len(rest)] if len(rest) <= MAX_LINE else b""
        if whole:
            yield rest
            rest = whole.pop()
            yield from whole
    if rest:
        yield rest
