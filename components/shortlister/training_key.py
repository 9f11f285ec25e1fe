"""What a training's result depends on, as one short name."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import msgspec
import numpy as np
import tensorflow as tf

from components import records
from components.shortlister.options import ShortlisterOptions


def training_key(files: Sequence[Path], catalogue_hash: str, options: ShortlisterOptions) -> str:
    """Sixteen hex digits of the content of `files`, the catalogue, the options, and the code that trains.

    A state of one key must not be gone on with under another.
    """
    digest = hashlib.sha256()
    versions = (tf.__version__, keras.__version__, np.__version__)
    for part in (catalogue_hash.encode(), msgspec.json.encode(options), *(v.encode() for v in versions)):
        digest.update(part + b"\0")
    for path in (*files, *_code()):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _code() -> Iterator[Path]:
    """The sources of this part and of the records: the text's encoding and some layers are there."""
    for folder in (Path(__file__).parent, Path(records.__path__[0])):
        yield from sorted(folder.rglob("*.py"))
