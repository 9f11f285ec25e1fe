"""Results that another call need not make again."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

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
