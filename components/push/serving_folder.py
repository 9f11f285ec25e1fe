"""The serving folder as a push changes it: versions, `models.config` and the audit log, under one lock."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from components.records.models_config import (
    MODELS_CONFIG,
    STABLE,
    ModelConfig,
    read_models_config,
    write_models_config,
)
from components.records.version_folder import folder_hash, install, versions

LOG = "push_log.jsonl"
_LOCK = ".lock"


@contextmanager
def locked(serving_dir: Path) -> Iterator[None]:
    """Holds the folder's lock; other pushes wait. It goes with the process, however that ends."""
    serving_dir.mkdir(parents=True, exist_ok=True)
    with (serving_dir / _LOCK).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_next(candidate: Path, serving_dir: Path, model: str, *, expected_hash: str) -> int:
    """Copies `candidate` as the model's next version and returns its number. Call it under the lock.

    Raises:
        ValueError: The copy does not have `expected_hash`: the candidate changed meanwhile; nothing is left.
    """
    version = max(versions(serving_dir / model), default=0) + 1
    folder = install(candidate, serving_dir / model, version)
    found = folder_hash(folder)
    if found != expected_hash:
        shutil.rmtree(folder)
        raise ValueError(f"{candidate} changed while it was pushed: hash {found}, measured {expected_hash}")
    return version


def offer(serving_dir: Path, model: str, version: int) -> None:
    """Adds `version` to those served, beside the labelled ones; no label moves. Call it under the lock.

    A label cannot come with it: TF Serving refuses a whole config that labels a version it has not loaded.
    """
    old = _config(serving_dir, model)
    _replace(serving_dir, msgspec.structs.replace(old, versions=(*sorted(set(old.labels.values())), version)))


def withdraw(serving_dir: Path, model: str, version: int) -> None:
    """Takes an offered version back out of the config; its folder stays. Call it under the lock."""
    old = _config(serving_dir, model)
    rest = tuple(number for number in old.versions if number != version)
    _replace(serving_dir, msgspec.structs.replace(old, versions=rest))


def make_stable(serving_dir: Path, model: str, version: int) -> None:
    """Labels `version` stable. The version that was stable is served on until the next push, so that a
    server that lags behind, or a rollback, finds it. Call it under the lock."""
    old = _config(serving_dir, model)
    labels = {**old.labels, STABLE: version}
    kept = {*labels.values(), *([old.labels[STABLE]] if STABLE in old.labels else [])}
    _replace(serving_dir, msgspec.structs.replace(old, versions=tuple(sorted(kept)), labels=labels))


def append_log(serving_dir: Path, line: bytes) -> None:
    """Appends one line to the audit log. Call it under the lock."""
    with (serving_dir / LOG).open("ab") as file:
        file.write(line + b"\n")


def _config(serving_dir: Path, model: str) -> ModelConfig:
    configs = {config.name: config for config in read_models_config(serving_dir / MODELS_CONFIG)}
    new = ModelConfig(name=model, base_path=str((serving_dir / model).absolute()), versions=())
    return configs.get(model, new)


def _replace(serving_dir: Path, config: ModelConfig) -> None:
    path = serving_dir / MODELS_CONFIG
    others = tuple(other for other in read_models_config(path) if other.name != config.name)
    kept = (*others, config) if config.versions else others
    write_models_config(path, kept)
