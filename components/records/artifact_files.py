"""The files that nodes leave for each other: how they are named, by split and beside the splits."""

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write

CATALOGUE = "catalogue.jsonl"
"""The skills; of a dataset's folder too."""
VERDICT = "verdict.json"
_POPULARITY = "popularity.json"
_SPLIT = "Split-"
_SERVABLE = "Format-Serving"


def split_folder(artifact: Path, split: str) -> Path:
    """Where a split of an artifact lies, as TFX lays it out."""
    return artifact / f"{_SPLIT}{split}"


def split_files(artifact: Path, split: str) -> list[Path]:
    """The gzipped TFRecords of a split, in name order; an empty split has a file too.

    Raises:
        FileNotFoundError: The artifact has no such split.
    """
    files = sorted(split_folder(artifact, split).glob("*.gz"))
    if not files:
        there = sorted(folder.name.removeprefix(_SPLIT) for folder in artifact.glob(f"{_SPLIT}*"))
        raise FileNotFoundError(
            f"{artifact} has no files of split {split!r}; it has {', '.join(there) or 'none'}"
        )
    return files


def version_folder_in(model: Path) -> Path:
    """Where a Model artifact holds its version folder, as TFX lays it out."""
    return model / _SERVABLE


def read_popularity(artifact: Path) -> dict[str, int]:
    """Train requests by skill id."""
    return msgspec.json.decode((artifact / _POPULARITY).read_bytes(), type=dict[str, int])


def write_popularity(artifact: Path, counts: Mapping[str, int]) -> None:
    """What `read_popularity` reads, by skill id."""
    ordered = dict(sorted(counts.items()))
    atomic_write(artifact / _POPULARITY, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
