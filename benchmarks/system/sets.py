"""The public sets of the whole system's benchmarks, in the dataset's form."""

import json
from pathlib import Path

import msgspec

from benchmarks.text_sets import further_texts, load
from benchmarks.text_shortlister import TAUGHT
from components.importers.folder import RequestWriter, new_folder
from components.importers.hwu64 import Hwu64
from components.importers.importer import import_set
from components.importers.options import ImportOptions
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, write_catalogue

SETS = ("hwu64", "sgd")
_TEXTS = "further_texts.txt"
_TEACHER = {**TAUGHT, "heads": "two_class", "teacher_texts": 60_000}


def settings(dataset: Path, *, teacher: bool) -> tuple[str, ...]:
    """What is changed of the configuration: nothing, or the Shortlister learns from a teacher first.

    The teacher reads the texts beside the dataset's requests too, if there are any.
    """
    if not teacher:
        return ()
    files = [str(path.resolve()) for path in (dataset / _TEXTS,) if path.is_file()]
    values = {**_TEACHER, "teacher_files": json.dumps(files)}
    return tuple(f"shortlister.{name}={value}" for name, value in values.items())


def dataset(name: str, data: Path, dest: Path) -> Path:
    """The dataset folder of a set; made where it is missing.

    HWU64: test and dev are folds of its ids, as in all its benchmarks; texts of other sets lie beside it.
    SGD: its train files, split anew by dialogue.
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
        lines = (" ".join(text.split()) for text in further_texts(name, data))
        (folder / _TEXTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return dest
