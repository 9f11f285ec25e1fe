"""The serving folder as pushes change it, without their checks, which need recorded answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from components.push.into_service import put_into_service
from components.push.options import PushOptions
from components.push.push_log import append_log
from components.push.result import ModelPush
from components.push.retention import remove_old
from components.push.serving_folder import install_next, locked, make_stable, stable_versions
from components.records.version_folder import RANK_TWIN, TWIN, folder_hash

_REASON = "a fault on purpose"


def put(serving: Path, folders: Mapping[str, Path], options: PushOptions, *, damaged: bool = False) -> str:
    """Each folder as the next version of its model, by the last steps of a push.

    Args:
        options: Which servers must have loaded it.
        damaged: Whether the copies are cut short once they are installed.

    Returns: Why it was refused and taken back; "" where it is in service.
    """
    time = datetime.now(UTC)
    with locked(serving):
        hashes = {model: folder_hash(folder) for model, folder in folders.items()}
        numbers = {
            model: install_next(folder, serving, model, expected_hash=hashes[model])
            for model, folder in folders.items()
        }
        for model, number in numbers.items():
            if damaged:
                cut(serving / model / str(number) / twin_of(folders[model]))
        refused = put_into_service(serving, numbers, options, retired=())
        lines = [
            ModelPush(
                time=time,
                model=model,
                outcome="not_available" if refused else "pushed",
                reason=refused or _REASON,
                version=number,
                hash=hashes[model],
            )
            for model, number in numbers.items()
        ]
        append_log(serving, map(msgspec.json.encode, lines))
        if not refused:
            remove_old(serving, folders, keep=options.keep, time=time)
    return refused


def force_damaged(serving: Path, model: str) -> int:
    """Labels a damaged copy of the version in service stable, as a careless hand may.

    Returns: The version that was.
    """
    with locked(serving):
        before = stable_versions(serving)[model]
        source = serving / model / str(before)
        number = install_next(source, serving, model, expected_hash=folder_hash(source))
        cut(serving / model / str(number) / twin_of(source))
        make_stable(serving, {model: number})
    return before


def make_stable_again(serving: Path, model: str, version: int) -> None:
    """Labels that version stable; the damaged one stays listed, and does not load."""
    with locked(serving):
        make_stable(serving, {model: version})


def twin_of(version: Path) -> str:
    """The file of a version that it is served from."""
    return TWIN if (version / TWIN).is_file() else RANK_TWIN


def cut(file: Path) -> None:
    """Leaves the first half of it."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
