"""The records of a block: each a `Request` or the `RecordError` that says why not."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.blocks import Block
from components.ingest.lines import BrokenFileError, lines
from components.records.catalogue import Catalogue, check_request
from components.records.errors import RecordError
from components.records.parse import convert_request, parse_request
from components.records.request import Request

_ROWS = 4096

Numbered = tuple[int, Request | RecordError | None]
"""Number within the block (from 0), and what was there; None for a blank line."""


def read(block: Block, catalogue: Catalogue) -> Iterator[Numbered]:
    """Every line or row of the block, numbered without a gap; no content raises."""
    return _rows(block, catalogue) if block.kind == "parquet" else _lines(block, catalogue)


def _lines(block: Block, catalogue: Catalogue) -> Iterator[Numbered]:
    number = -1
    try:
        for number, line in enumerate(lines(block)):
            if not line or line.isspace():
                yield number, None
                continue
            try:
                request = parse_request(line)
                check_request(request, catalogue)
            except RecordError as error:
                yield number, error
            else:
                yield number, request
    except BrokenFileError as error:
        yield number + 1, RecordError("truncated_file", "", f"breaks off here: {error}")


def _rows(block: Block, catalogue: Catalogue) -> Iterator[Numbered]:
    number = 0
    try:
        with pq.ParquetFile(block.path) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in _values(batch):
                    yield number, _request(row, catalogue)
                    number += 1
    except (pa.ArrowException, OSError) as error:
        yield number, RecordError("truncated_file", "", f"is no readable Parquet file: {error}")


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | Exception]:
    """Rows as plain values; where a batch holds a value that Python cannot take, row by row."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):
        for i in range(batch.num_rows):
            try:
                yield batch.slice(i, 1).to_pylist()[0]
            except (ValueError, OverflowError, pa.ArrowException) as error:
                yield error


def _request(row: dict[str, Any] | Exception, catalogue: Catalogue) -> Request | RecordError:
    if isinstance(row, UnicodeDecodeError):
        return RecordError("invalid_utf8", "", f"must be UTF-8, byte {row.start} is not")
    if isinstance(row, Exception):
        return RecordError("bad_value", "", f"holds a value that cannot be read: {row}")
    try:
        request = convert_request(row)
        check_request(request, catalogue)
    except RecordError as error:
        return error
    return request
