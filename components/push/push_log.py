"""`push_log.jsonl`, the audit log of a serving folder: what went into service, when, after what."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

LOG = "push_log.jsonl"
PUSHED, ROLLED_BACK, PROMOTED = "pushed", "rolled_back", "promoted"
NEW = (PUSHED, PROMOTED)
"""Outcomes of a version that went into service as the newest."""
REMOVED: Literal["removed"] = "removed"
RETIRED: Literal["retired"] = "retired"


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is read again of a line; see `ModelPush` for all of it."""

    time: datetime
    model: str
    outcome: str
    version: int = 0
    hash: str = ""
    forced: str = ""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A line on a version that left: service (`retired`) or the disk (`removed`).

    Attributes:
        time: Of the push, the promotion or the rollback that it came with.
    """

    time: datetime
    model: str
    outcome: Literal["retired", "removed"]
    reason: str
    version: int
    hash: str


class Stable(NamedTuple):
    """A version that was put into service, and when."""

    version: int
    since: datetime


def append_log(serving_dir: Path, lines: Iterable[bytes]) -> None:
    """Appends lines to the audit log. Call it under the lock."""
    with (serving_dir / LOG).open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def read_log(serving_dir: Path) -> list[LogLine]:
    """The lines, oldest first; none where there is no log. Raises `msgspec.DecodeError` for a damaged one."""
    if not (serving_dir / LOG).is_file():
        return []
    lines = (serving_dir / LOG).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=LogLine) for line in lines]


def forced_pushes(serving_dir: Path) -> dict[tuple[str, int], str]:
    """Why versions were pushed whatever the gate decided, by model and version; of the newest push."""
    found = {(line.model, line.version): line.forced for line in read_log(serving_dir) if line.outcome in NEW}
    return {pushed: reason for pushed, reason in found.items() if reason}


def newest_number(log: Iterable[LogLine], model: str) -> int:
    """The highest version number that the model was ever given; 0: none."""
    return max((line.version for line in log if line.model == model), default=0)


def pushed_hash(log: Iterable[LogLine], model: str, version: int) -> str | None:
    """The hash that the version had when it was pushed; None: it never was."""
    found = [
        line.hash for line in log if (line.model, line.version) == (model, version) and line.outcome in NEW
    ]
    return found[-1] if found else None


def stable_before(log: Iterable[LogLine], model: str, now: int) -> tuple[Stable, ...]:
    """The versions of the model that were in service before version `now`, oldest first.

    A rollback undoes what it goes back over: from 3 back to 2, what was there before is 1, not 3. `now` need
    not be in the log: a push that is killed between its labels and its lines leaves none.
    """
    found: list[Stable] = []
    for line in log:
        if line.model != model or line.outcome not in (*NEW, ROLLED_BACK):
            continue
        numbers = [each.version for each in found]
        if line.outcome == ROLLED_BACK and line.version in numbers:
            del found[numbers.index(line.version) + 1 :]
        else:
            found.append(Stable(line.version, line.time))
    return tuple(found[:-1] if found and found[-1].version == now else found)


def retirements(log: Iterable[LogLine], models: Mapping[str, int], time: datetime) -> list[Left]:
    """Lines on versions that left service without a successor, at `time`."""
    known = list(log)
    return [
        Left(
            time=time,
            model=model,
            outcome=RETIRED,
            reason="the models that came into service do without it",
            version=version,
            hash=pushed_hash(known, model, version) or "",
        )
        for model, version in sorted(models.items())
    ]


def retired_at(log: Iterable[LogLine], time: datetime) -> dict[str, int]:
    """The versions that left service at `time`, by model."""
    return {line.model: line.version for line in log if line.outcome == RETIRED and line.time == time}


def stood_beside(log: Iterable[LogLine], model: str, version: int, other: str) -> tuple[int, ...]:
    """The versions of `other` that were in service together with this version of `model`, oldest first."""
    found: list[int] = []
    now: dict[str, int] = {}
    lines = [line for line in log if line.outcome in (*NEW, ROLLED_BACK, RETIRED)]
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        now[line.model] = line.version
        if line.outcome == RETIRED:
            del now[line.model]
        whole = following is None or following.time != line.time  # all lines of a push count at once
        if whole and now.get(model) == version and other in now:
            found.append(now[other])
    return tuple(found)
