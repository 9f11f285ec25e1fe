"""The serving folder as a push changes it: versions and `models.config`, under one lock."""

import fcntl
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from components.push.push_log import newest_number, read_log
from components.records.models_config import (
    MODELS_CONFIG,
    STABLE,
    ModelConfig,
    read_models_config,
    write_models_config,
)
from components.records.version_folder import folder_hash, install, versions

_LOCK = ".lock"


@contextmanager
def locked(serving_dir: Path) -> Iterator[None]:
    """Holds the folder's lock; other pushes wait. It goes with the process, however that ends."""
    serving_dir.mkdir(parents=True, exist_ok=True)
    with (serving_dir / _LOCK).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def stable_versions(serving_dir: Path) -> dict[str, int]:
    """The versions in service by model."""
    configs = read_models_config(serving_dir / MODELS_CONFIG)
    return {config.name: config.labels[STABLE] for config in configs if STABLE in config.labels}


def install_next(candidate: Path, serving_dir: Path, model: str, *, expected_hash: str) -> int:
    """Copies `candidate` as the model's next version and returns its number. Call it under the lock.

    A number is never given twice, whatever was removed since.

    Raises:
        ValueError: The copy does not have `expected_hash`: the candidate changed meanwhile; nothing is left.
    """
    given = newest_number(read_log(serving_dir), model)
    version = max((given, *versions(serving_dir / model))) + 1
    folder = install(candidate, serving_dir / model, version)
    found = folder_hash(folder)
    if found != expected_hash:
        shutil.rmtree(folder)
        raise ValueError(f"{candidate} changed while it was pushed: hash {found}, measured {expected_hash}")
    return version


def offer(serving_dir: Path, offered: Mapping[str, int]) -> None:
    """Adds a version of each model to those served, beside the labelled ones; no label moves. Call it under
    the lock.

    A label cannot come with it: TF Serving refuses a whole config that labels a version it has not loaded.
    What a push that was killed had offered is taken back: versions above those with a label.
    """
    configs = {name: _settled(config) for name, config in _configs(serving_dir).items()}
    for model, version in offered.items():
        old = configs.get(model) or _new(serving_dir, model)
        listed = (*sorted(set(old.labels.values())), version)
        configs[model] = msgspec.structs.replace(old, versions=listed)
    _write(serving_dir, configs.values())


def withdraw(serving_dir: Path, offered: Mapping[str, int]) -> None:
    """Takes offered versions without a label back out of the config; their folders stay. Call it under the
    lock."""
    configs = _configs(serving_dir)
    for model, version in offered.items():
        old = configs.get(model) or _new(serving_dir, model)
        labelled = old.labels.values()
        rest = tuple(number for number in old.versions if number != version or number in labelled)
        configs[model] = msgspec.structs.replace(old, versions=rest)
    _write(serving_dir, configs.values())


def make_stable(serving_dir: Path, offered: Mapping[str, int], *, retired: Collection[str] = ()) -> None:
    """Labels the versions stable and takes the retired models out, at once. Call it under the lock.

    A version that was stable is served on until the next push, so that a server that lags behind, or a
    rollback, finds it.
    """
    configs = {name: config for name, config in _configs(serving_dir).items() if name not in retired}
    for model, version in offered.items():
        old = configs.get(model) or _new(serving_dir, model)
        labels = {**old.labels, STABLE: version}
        kept = {*labels.values(), old.labels.get(STABLE, version)}
        configs[model] = msgspec.structs.replace(old, versions=tuple(sorted(kept)), labels=labels)
    _write(serving_dir, configs.values())


def relabel(serving_dir: Path, label: str, named: Mapping[str, int]) -> None:
    """Has `label` name these versions, which the servers have loaded, and no other. A version that loses its
    last label is served no longer. Call it under the lock."""
    before = _configs(serving_dir)
    after = {}
    for model in {*before, *named}:
        old = before.get(model) or _new(serving_dir, model)
        was, now = old.labels.get(label), named.get(model)
        labels = {name: version for name, version in old.labels.items() if name != label}
        listed = {*old.versions} - ({was} if was not in labels.values() and was != now else set())
        if now is not None:
            labels[label] = now
            listed.add(now)
        after[model] = msgspec.structs.replace(old, versions=tuple(sorted(listed)), labels=labels)
    if after != before:
        _write(serving_dir, after.values())


def _configs(serving_dir: Path) -> dict[str, ModelConfig]:
    return {config.name: config for config in read_models_config(serving_dir / MODELS_CONFIG)}


def _new(serving_dir: Path, model: str) -> ModelConfig:
    return ModelConfig(name=model, base_path=str((serving_dir / model).absolute()), versions=())


def _settled(config: ModelConfig) -> ModelConfig:
    newest = max(config.labels.values(), default=0)
    kept = tuple(number for number in config.versions if number <= newest)
    return msgspec.structs.replace(config, versions=kept)


def _write(serving_dir: Path, configs: Iterable[ModelConfig]) -> None:
    """A model without a version leaves the config. Each has the part that is its own beside its versions too,
    for a server of its own."""
    served = tuple(config for config in configs if config.versions)
    write_models_config(serving_dir / MODELS_CONFIG, served)
    own = {config.name: (config,) for config in served}
    for folder in serving_dir.glob("*/"):
        write_models_config(folder / MODELS_CONFIG, own.get(folder.name, ()))
