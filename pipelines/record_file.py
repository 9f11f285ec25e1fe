"""A file that a person gives a command, one record a line: every bad line is named before any work begins."""

from collections.abc import Callable, Iterator
from pathlib import Path

from components.records.catalogue import CatalogueError
from components.records.errors import RecordError
from pipelines.errors import CallError


def read_each(path: Path, keep: Callable[[int, bytes], None]) -> None:
    """Calls `keep` with the number, from 1, and the text of every line that is not blank.

    Raises:
        CallError: The file cannot be read, or `keep` raised `RecordError` for some lines. All are named.
    """
    problems: list[tuple[int, RecordError]] = []
    for number, line in _lines(path):
        try:
            keep(number, line)
        except RecordError as error:
            problems.append((number, error))
    if problems:
        raise CallError(str(CatalogueError(path, problems)))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if stripped := line.removeprefix(b"\xef\xbb\xbf").strip():
                    yield number, stripped
    except OSError as error:
        raise CallError(
            f"{path} cannot be read: {error.strerror}.", "Give a file, one record a line."
        ) from error
