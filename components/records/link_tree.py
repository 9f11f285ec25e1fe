"""A folder given again without copying what is in it."""

import os
import shutil
from pathlib import Path


def link_tree(source: Path, destination: Path) -> None:
    """Gives `destination` every file of `source`: as a hard link, or a copy where the disk has no links.

    Whoever changes such a file must replace it, as `atomic_write` does, and not write into it.
    """
    shutil.copytree(source, destination, copy_function=_link_or_copy, dirs_exist_ok=True)


def _link_or_copy(source: str, destination: str) -> None:
    try:
        os.link(source, destination)
    except OSError:
        shutil.copyfile(source, destination)
