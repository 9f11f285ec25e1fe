"""What a dataset holds, as one number: the same content gives the same fingerprint, wherever it lies."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from components.ingest.blocks import request_files
from components.records.artifact_files import CATALOGUE
from pipelines.errors import CallError


def require_dataset(data: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    """The files of the dataset in `data`: the catalogue, then the request files by name.

    Raises:
        CallError: `data` is no dataset.
    """
    if not data.is_dir():
        raise CallError(
            f"{data} is not a folder.", "Give the folder that holds catalogue.jsonl and requests/."
        )
    if not (data / CATALOGUE).is_file():
        raise CallError(
            f"{data} is no dataset: it has no {CATALOGUE}.",
            "Write one skill a line, or make a dataset: arbiter simulate, arbiter import.",
        )
    try:
        return (data / CATALOGUE, *request_files(data, patterns))
    except FileNotFoundError as error:
        raise CallError(str(error)) from error


def fingerprint(data: Path, patterns: Sequence[str]) -> str:
    """SHA-256 over the names and the bytes of the catalogue and the request files, as hex.

    Raises:
        CallError: `data` is no dataset.
    """
    digest = hashlib.sha256()
    for path in require_dataset(data, patterns):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(data).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
