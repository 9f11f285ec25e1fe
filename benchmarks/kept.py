"""Results that another call need not make again."""

import hashlib
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from components.shortlister.options import ShortlisterOptions

_T = TypeVar("_T")


def once(folder: Path | None, name: str, make: Callable[[], _T]) -> _T:
    """What `make` gives, kept in a folder for another call; None keeps nothing.

    The folder knows nothing of the program: a changed one needs another folder.
    """
    if folder is None:
        return make()
    path = folder / f"{name}.pickle"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_bytes(pickle.dumps(make()))
        draft.replace(path)
    kept: _T = pickle.loads(path.read_bytes())
    return kept


def training_key(about: Sequence[Any], options: ShortlisterOptions) -> str:
    """A name for the training of these options.

    Args:
        about: What beside the options decides about the training.
    """
    key = msgspec.json.encode([str(about), options])
    return hashlib.blake2b(key, digest_size=10).hexdigest()
