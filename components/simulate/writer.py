"""The simulated world as a dataset folder: whole or not at all."""

import contextlib
import gzip
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from components.records.artifact_files import CATALOGUE
from components.records.atomic import sync_folder
from components.records.parse import to_json
from components.simulate.grammar import Grammar
from components.simulate.options import SimulateOptions
from components.simulate.requests import requests
from components.simulate.world import START, World

_WEEK = timedelta(weeks=1)
_BUFFER = 4_096  # requests between two writes
_RULE = (
    "Each customer enables skills by popularity and taste before the first request, in random order; a skill "
    "that appears later is listed from its first day. A request is for an enabled skill with the chance "
    "`inclusion`."
)
_LEVEL = 1  # of gzip: half the time of the default for a fifth more bytes


class SimulateSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes:
        dest: The dataset folder.
        skills, domains, customers, requests: Counts.
        files: Request files, in the order of the requests.
        seconds: How long it took.
    """

    dest: str
    skills: int
    domains: int
    customers: int
    requests: int
    files: tuple[str, ...]
    seconds: float


def simulate(
    dest: Path, options: SimulateOptions, *, progress: Callable[[int], None] | None = None
) -> SimulateSummary:
    """Writes `dest/catalogue.jsonl`, `dest/requests/*.jsonl.gz` and `dest/meta.json`.

    Everything is made in a hidden folder beside `dest`, which gets its name at the very end.

    Args:
        dest: A folder that does not exist, or is empty.
        options: The world.
        progress: Called now and then with how many requests are written so far.

    Raises:
        ValueError: `dest` is a file or holds something.
    """
    dest = dest.resolve()
    _check_free(dest)
    begun = time.monotonic()
    dest.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{dest.name}.", suffix=".partial", dir=dest.parent))
    try:
        world = World(options, Grammar())
        with (draft / CATALOGUE).open("wb") as lines:
            lines.writelines(to_json(skill) + b"\n" for skill in world.skills())
        write = _write_weeks if options.weekly else _write_requests
        files = write(draft / "requests", world, progress)
        meta = {
            "set": "simulate",
            "options": options,
            "seed": options.seed,
            "enabled_skills": {
                "simulated": True,
                "inclusion": options.inclusion,
                "mean_length": options.enabled_mean,
                "seed": options.seed,
                "rule": _RULE,
            },
        }
        (draft / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=2) + b"\n")
        draft.chmod(0o755)
        sync_folder(draft)
        os.rename(draft, dest)  # replaces an empty folder; fails where something came to be there meanwhile
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return SimulateSummary(
        dest=str(dest),
        skills=options.skills,
        domains=len(world.domain_names),
        customers=options.customers,
        requests=options.requests,
        files=files,
        seconds=round(time.monotonic() - begun, 3),
    )


def _check_free(dest: Path) -> None:
    if dest.exists() and not dest.is_dir():
        raise ValueError(f"`dest` must be a folder that is new or empty. Received a file: {dest}")
    if dest.is_dir() and any(dest.iterdir()):
        raise ValueError(
            f"`dest` must be a folder that is new or empty, so that nothing is overwritten. Received: {dest}"
        )


def _write_requests(folder: Path, world: World, progress: Callable[[int], None] | None) -> tuple[str, ...]:
    """Writes the files one after the other and returns their paths below the dataset folder."""
    folder.mkdir()
    total, size = world.options.requests, world.options.shard_requests
    stream = requests(world)
    files: list[str] = []
    for first in range(0, total, size):
        name = f"requests-{len(files):05d}.jsonl.gz"
        last = min(first + size, total)
        # No name and no time in the header: equal requests are equal bytes.
        with (folder / name).open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
            for begin in range(first, last, _BUFFER):
                end = min(begin + _BUFFER, last)
                file.write(b"".join([to_json(next(stream)) + b"\n" for _ in range(begin, end)]))
                if progress is not None:
                    progress(end)
        files.append(f"requests/{name}")
    return tuple(files)


def _write_weeks(folder: Path, world: World, progress: Callable[[int], None] | None) -> tuple[str, ...]:
    """As `_write_requests`, a file for each week of the period."""
    folder.mkdir()
    names = [f"week-{number:02d}.jsonl.gz" for number in range(-(-world.options.days // 7))]
    with contextlib.ExitStack() as opened:
        files = []
        for name in names:
            raw = opened.enter_context((folder / name).open("wb"))
            files.append(opened.enter_context(gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0)))
        for number, request in enumerate(requests(world), start=1):
            since = (request.timestamp or START) - START
            files[min(since // _WEEK, len(files) - 1)].write(to_json(request) + b"\n")
            if progress is not None and number % _BUFFER == 0:
                progress(number)
    return tuple(f"requests/{name}" for name in names)
