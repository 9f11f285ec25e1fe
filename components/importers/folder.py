"""A dataset folder that appears whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from components.records.atomic import sync_folder
from components.records.parse import to_json
from components.records.request import Request

REQUESTS_PER_FILE = 50_000


@contextmanager
def new_folder(dest: Path) -> Iterator[Path]:
    """Yields a temporary folder beside `dest`; it becomes `dest` at the end, or is removed on an error.

    Raises:
        ValueError: `dest` is there and is not an empty folder.
    """
    if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
        raise ValueError(f"`dest` must be a new or an empty folder. Received: dest={dest}")
    dest.parent.mkdir(parents=True, exist_ok=True)
    draft = dest.with_name(f".{dest.name}.{secrets.token_hex(4)}.tmp")
    draft.mkdir()
    try:
        yield draft
        os.replace(draft, dest)
        sync_folder(dest.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


class RequestWriter:
    """Writes requests to `folder/00000.jsonl`, `00001.jsonl`, …; there is always a first file.

    Args:
        folder: An empty or new folder.
        per_file: Requests in each file but the last; > 0.
    """

    def __init__(self, folder: Path, *, per_file: int = REQUESTS_PER_FILE) -> None:
        if per_file <= 0:
            raise ValueError(f"`per_file` must be positive. Received: per_file={per_file}")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._per_file = per_file
        self._count = 0
        self._file: BinaryIO = self._open(0)

    def _open(self, number: int) -> BinaryIO:
        return (self._folder / f"{number:05d}.jsonl").open("xb")

    def write(self, request: Request) -> None:
        if self._count and self._count % self._per_file == 0:
            self._file.close()
            self._file = self._open(self._count // self._per_file)
        self._file.write(to_json(request) + b"\n")
        self._count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
