"""A gzip file that is cut short or damaged is one kind of error, which names the file."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_gzip(path: Path) -> Iterator[None]:
    """Within it, what `gzip` raises of a file that is not whole becomes a `ValueError` that names `path`."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is no complete gzip file: {error}") from error
