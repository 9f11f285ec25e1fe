"""The public sets of the whole system's benchmarks, in the dataset's form."""

from pathlib import Path

import msgspec

from benchmarks.text_sets import load
from components.importers.folder import RequestWriter, new_folder
from components.importers.hwu64 import Hwu64
from components.importers.importer import import_set
from components.importers.options import ImportOptions
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, write_catalogue

SETS = ("hwu64", "sgd")
SETTINGS = {
    "hwu64": ("ingest.shares.rank=0.2",),
    "sgd": (),
}
"""What is changed of the configuration for a set, chosen on dev."""


def dataset(name: str, data: Path, dest: Path) -> Path:
    """The dataset folder of a set; made where it is missing.

    HWU64: test and dev are folds of its ids, as in all its benchmarks. SGD: its train files, split anew by
    dialogue.
    """
    if (dest / CATALOGUE).is_file():
        return dest
    if name == "sgd":
        import_set(name, data / name, dest, ImportOptions(only="train", resplit=True))
        return dest
    splits, _ = load(name, data)
    with new_folder(dest) as folder:
        write_catalogue(folder / CATALOGUE, Catalogue(Hwu64(data / name).skills()))
        with RequestWriter(folder / "requests") as writer:
            for split, requests in splits.items():
                for request in requests:
                    writer.write(msgspec.structs.replace(request, split=split))
    return dest
