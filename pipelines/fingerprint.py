"""What a dataset holds, as one number: the same content gives the same fingerprint, wherever it lies."""

import hashlib
from pathlib import Path

from pipelines.errors import CallError

CATALOGUE = "catalogue.jsonl"
REQUESTS = "requests"
SUFFIXES = (".jsonl", ".jsonl.gz", ".parquet")


def dataset_files(data: Path) -> tuple[Path, list[Path]]:
    """The catalogue and the request files of the dataset in `data`, sorted by name.

    Raises:
        CallError: `data` is no dataset.
    """
    catalogue, requests = data / CATALOGUE, data / REQUESTS
    if not data.is_dir():
        raise CallError(
            f"{data} is not a folder.", "Give the folder that holds catalogue.jsonl and requests/."
        )
    if not catalogue.is_file():
        raise CallError(
            f"{data} is no dataset: it has no {CATALOGUE}.",
            "Write one skill a line, or make a dataset: arbiter simulate, arbiter import.",
        )
    files = sorted(path for path in requests.glob("*") if path.name.endswith(SUFFIXES))
    if not files:
        raise CallError(
            f"{data} is no dataset: {REQUESTS}/ has no file that ends in {', '.join(SUFFIXES)}.",
            "Put one request a line into requests/requests.jsonl.",
        )
    return catalogue, files


def fingerprint(data: Path) -> str:
    """SHA-256 over the names and the bytes of the catalogue and the request files, as hex.

    Raises:
        CallError: `data` is no dataset.
    """
    catalogue, files = dataset_files(data)
    digest = hashlib.sha256()
    for path in (catalogue, *files):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(data).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
