"""The version folder: `serving/<model>/<version>/`, as TF Serving reads it, complete or absent."""

import os
import shutil
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write, sync_folder
from components.records.checksums import CHECKSUMS, write_checksums
from components.records.manifest import Manifest

MANIFEST = "arbiter.json"
SAVED_MODEL = "saved_model.pb"
WARMUP = "assets.extra/tf_serving_warmup_requests"
TWIN = "model.tflite"
TWIN_SPEC = "encoder/twin.json"
RANK_TWIN = "encoder/hyprank.json"
"""Of HypRank, whose twin is NumPy alone and has no `model.tflite`."""

SAVED_MODEL_FILES = (SAVED_MODEL, "variables", "assets")
TWIN_FILES = (TWIN, "encoder")
"""What a version is loaded from, in one form or the other."""

_DRAFT = ".draft-"


def read_manifest(folder: Path) -> Manifest:
    """The folder's `arbiter.json`.

    Raises:
        FileNotFoundError: The folder has none.
        ValueError: It is not a manifest of this format.
    """
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is not a manifest: {error}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the folder's `arbiter.json`."""
    atomic_write(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def has_twin(folder: Path) -> bool:
    """Whether the folder holds the model in a form that needs no TensorFlow too."""
    return (folder / TWIN).is_file() or (folder / RANK_TWIN).is_file()


class _Kind(msgspec.Struct):
    kind: str = "shortlister"


def twin_kind(folder: Path) -> str:
    """Which kind of model the folder's twin is of; where it does not say, or is damaged, "shortlister"."""
    try:
        return msgspec.json.decode((folder / TWIN_SPEC).read_bytes(), type=_Kind).kind
    except (OSError, msgspec.DecodeError):
        return "shortlister"


def versions(model_folder: Path) -> list[int]:
    """The complete versions of a model, ascending; drafts and half-written folders are not among them."""
    if not model_folder.is_dir():
        return []
    return sorted(
        int(p.name) for p in model_folder.iterdir() if p.name.isdecimal() and (p / SAVED_MODEL).is_file()
    )


def install(source: Path, model_folder: Path, version: int) -> Path:
    """Copies a version folder into place; a reader sees all of it or nothing.

    The copy is made under a name that no server reads, with `saved_model.pb` last, made durable, and then
    renamed; `checksums.json` is added. A draft that a killed push left behind is removed.

    Raises:
        FileExistsError: That version is there already.
        FileNotFoundError: `source` has no saved_model.pb.
        ValueError: `version` is not positive.
    """
    if version < 1:
        raise ValueError(f"`version` must be positive. Received: version={version}")
    if not (source / SAVED_MODEL).is_file():
        raise FileNotFoundError(f"{source / SAVED_MODEL} is missing: the source is no version folder")
    target = model_folder / str(version)
    if target.exists():
        raise FileExistsError(f"{target} is there already; a version is never overwritten")
    model_folder.mkdir(parents=True, exist_ok=True)
    for leftover in model_folder.glob(f"{_DRAFT}*"):
        shutil.rmtree(leftover)
    draft = model_folder / f"{_DRAFT}{version}"
    files = _files(source)
    for path in sorted(files, key=lambda p: (p == Path(SAVED_MODEL), p)):
        _copy_durably(source / path, draft / path)
    write_checksums(draft, files)
    sync_folder(draft)
    os.rename(draft, target)
    sync_folder(model_folder)
    return target


def remove(model_folder: Path, version: int) -> None:
    """Removes a version; a reader sees all of it or nothing. Of a killed removal a draft is left."""
    draft = model_folder / f"{_DRAFT}{version}"
    if draft.exists():
        shutil.rmtree(draft)
    os.rename(model_folder / str(version), draft)
    sync_folder(model_folder)
    shutil.rmtree(draft)


def folder_hash(folder: Path) -> str:
    """SHA-256 over the relative names and the bytes of all files but the checksums, as hex."""
    import hashlib  # 4 MB of OpenSSL, which a process that only predicts does without

    digest = hashlib.sha256()
    for path in _files(folder):
        content = hashlib.sha256((folder / path).read_bytes()).hexdigest()
        digest.update(f"{path.as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [path for path in found if path != Path(CHECKSUMS)]


def _copy_durably(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reader, target.open("wb") as writer:
        shutil.copyfileobj(reader, writer)
        writer.flush()
        os.fsync(writer.fileno())
