"""A slice of the real SGD: all of dev, every sixteenth file of train, both schemas."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def sgd_slice(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of links into the public set, so that a test reads a tenth of it."""
    folder = tmp_path_factory.mktemp("sgd")
    for split, step in (("train", 16), ("dev", 1)):
        (folder / split).mkdir()
        source = shared_data / "sgd" / split
        for path in (source / "schema.json", *sorted(source.glob("dialogues_*.json"))[::step]):
            (folder / split / path.name).symlink_to(path)
    return folder
