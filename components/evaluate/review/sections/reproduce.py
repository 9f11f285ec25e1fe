"""How to make the run again."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from components.evaluate.review.cards import Rows
from components.evaluate.review.found import Found

_PACKAGES = ("arbiter", "numpy", "tensorflow", "keras", "tfx", "apache-beam", "tensorflow-model-analysis")


class Shown(NamedTuple):
    command: str
    versions: Rows


def section(found: Found) -> Shown:
    return Shown(found.options.command, _versions())


def _versions() -> Rows:
    found: Rows = [("python", platform.python_version())]
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found
