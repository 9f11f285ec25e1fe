"""A rollout: candidates that live traffic tries beside the versions in service, promoted or abandoned.

`rollout.json` is replaced first; the labels and the log follow it (`settle`), at once or, after a kill, with
the next push, rollout or rollback.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from components.push.await_server import await_server
from components.push.options import PushOptions
from components.push.push_log import PROMOTED, Left, append_log, read_log, retirements
from components.push.result import ModelPush, PushResult
from components.push.retention import remove_old
from components.push.serving_folder import locked, make_stable, relabel, stable_versions
from components.records.hyprank.rank import HYPRANK
from components.records.model_names import in_brief
from components.records.rollout import CANARY, Ending, Mode, Rollout, read_rollout, write_rollout
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import SAVED_MODEL, folder_hash


class RolloutError(ValueError):
    """A rollout that was refused; nothing has changed."""


def settle(serving_dir: Path) -> Rollout | None:
    """The rollout that is open, once `models.config` and the log are as `rollout.json` says. Call it under
    the lock.

    One that no longer stands is ended: promoted where its candidates are in service, else overtaken.
    """
    rollout = read_rollout(serving_dir)
    now = stable_versions(serving_dir)
    if rollout is not None and rollout.open and not rollout.stands(now):
        rollout = msgspec.structs.replace(rollout, ended=_ending(rollout, now))
        write_rollout(serving_dir, rollout)
    found = rollout if rollout is not None and rollout.open else None
    relabel(serving_dir, CANARY, {} if found is None else found.models)
    if rollout is not None:
        _log(serving_dir, rollout)
    return found


def restage(
    serving_dir: Path, hashes: Mapping[str, str], mode: Mode, share: float, time: datetime
) -> dict[str, int]:
    """Puts the open rollout of these very candidates into another stage. Call it under the lock, after
    `settle`; `settle` must follow.

    Returns: The candidates' versions; none where no rollout is open.
    Raises:
        RolloutError: One of others is open, or nothing is in service.
    """
    rollout = read_rollout(serving_dir)
    if SHORTLISTER not in stable_versions(serving_dir):
        raise RolloutError(
            "nothing is in service that candidates could be tried beside; push without a rollout"
        )
    if rollout is None or not rollout.open:
        return {}
    if rollout.hashes != hashes:
        raise RolloutError(
            f"a {rollout.mode} of {in_brief(rollout.models)} is open since "
            f"{rollout.since:%Y-%m-%d %H:%M} UTC; promote or abandon it first"
        )
    if (rollout.mode, rollout.share) != (mode, share):
        stage = msgspec.structs.replace(rollout, id=_id(time), mode=mode, share=share, since=time)
        write_rollout(serving_dir, stage)
    return rollout.models


def begin(
    serving_dir: Path,
    versions: Mapping[str, int],
    hashes: Mapping[str, str],
    mode: Mode,
    share: float,
    *,
    retired: Collection[str],
    verdict: str,
    forced: str,
    time: datetime,
) -> None:
    """Opens a rollout of versions that the live server has. Call it under the lock, after `restage`;
    `settle` must follow.

    Args:
        retired: Models in service that the candidates do without.
        verdict, forced: As of the push.
        time: When it begins.
    """
    now = stable_versions(serving_dir)
    rollout = Rollout(
        id=_id(time),
        salt=_id(time),
        mode=mode,
        share=share,
        since=time,
        models=dict(versions),
        hashes=dict(hashes),
        beside={model: now.get(model, 0) for model in (*versions, SHORTLISTER, HYPRANK)},
        retired={model: now[model] for model in sorted(retired)},
        verdict=verdict,
        forced=forced,
    )
    write_rollout(serving_dir, rollout)


def promote(
    serving_dir: Path,
    *,
    reason: str,
    forced: str = "",
    stage: str | None = None,
    options: PushOptions = PushOptions(),  # noqa: B008 (frozen)
) -> PushResult:
    """Puts the candidates of the open rollout into service: all or none. What live figures say is the
    caller's to know. Again after it was done, it says so.

    Args:
        reason: Why; the log keeps it.
        forced: Why it is promoted whatever the live figures are; "": it is not.
        stage: The one that was judged; None: whichever is open.

    Returns: "promoted", or "not_available": the server has lost a version.
    Raises:
        RolloutError: None is open, or a candidate is not as it was offered.
        ServingError: The server failed.
    """
    with locked(serving_dir):
        rollout = settle(serving_dir)
        if rollout is None:
            return _done_before(serving_dir, "promoted")
        if stage not in (None, rollout.id):
            raise RolloutError(f"another stage began meanwhile: {rollout.words}")
        _require_whole(serving_dir, rollout)
        time = datetime.now(UTC)
        if failure := await_server(serving_dir, rollout.models, options):
            lines = _lines(rollout, time, "not_available", failure)
            append_log(serving_dir, map(msgspec.json.encode, lines))
            return PushResult(
                outcome="not_available", reason=failure, models=lines, in_service=stable_versions(serving_dir)
            )
        forced = forced or rollout.forced
        ending = Ending(time=time, outcome="promoted", reason=reason, forced=forced)
        now = stable_versions(serving_dir)
        leaving = {model: now[model] for model in rollout.retired if model in now}
        write_rollout(serving_dir, msgspec.structs.replace(rollout, promoting=ending, retired=leaving))
        make_stable(serving_dir, rollout.models, retired=rollout.retired)
        settle(serving_dir)
        remove_old(serving_dir, rollout.models, keep=options.keep, time=time)
        return _done_before(serving_dir, "promoted")


def abandon(serving_dir: Path, *, reason: str) -> PushResult:
    """Ends the open rollout; what is in service stays. Again after it was done, it says so.

    Raises:
        RolloutError: None is open.
    """
    with locked(serving_dir):
        rollout = settle(serving_dir)
        if rollout is not None:
            ending = Ending(time=datetime.now(UTC), outcome="abandoned", reason=reason)
            write_rollout(serving_dir, msgspec.structs.replace(rollout, ended=ending))
            settle(serving_dir)
        return _done_before(serving_dir, "abandoned")


def _id(time: datetime) -> str:
    return f"{time:%Y%m%dT%H%M%S.%fZ}"


def _done_before(serving_dir: Path, outcome: str) -> PushResult:
    """What came of the newest rollout, which has ended so. Raises `RolloutError` where it has not."""
    rollout = read_rollout(serving_dir)
    ended = None if rollout is None else rollout.ended
    if rollout is None or ended is None:
        raise RolloutError("no rollout is open: arbiter push WORK --canary 0.05 opens one")
    now = stable_versions(serving_dir)
    gone = outcome == "promoted" and any(now.get(model) != v for model, v in rollout.models.items())
    if ended.outcome != outcome or gone:
        raise RolloutError(
            f"no rollout is open: the last one, of {in_brief(rollout.models)}, was {ended.outcome} at "
            f"{ended.time:%Y-%m-%d %H:%M} UTC ({ended.reason})"
        )
    return PushResult(
        outcome=ended.outcome,
        reason=ended.reason,
        models=_lines(rollout, ended.time, ended.outcome, ended.reason, ended.forced),
        in_service=now,
    )


def _ending(rollout: Rollout, now: Mapping[str, int]) -> Ending:
    if rollout.promoting and all(now.get(model) == version for model, version in rollout.models.items()):
        return rollout.promoting
    changed = [model for model, version in rollout.beside.items() if now.get(model, 0) != version]
    reason = f"another version came into service of {in_brief(changed)}"
    return Ending(time=datetime.now(UTC), outcome="overtaken", reason=reason)


def _require_whole(serving_dir: Path, rollout: Rollout) -> None:
    for model, version in rollout.models.items():
        folder = serving_dir / model / str(version)
        if not (folder / SAVED_MODEL).is_file() or folder_hash(folder) != rollout.hashes[model]:
            raise RolloutError(
                f"{model}, version {version} is damaged: its files are not those that were offered"
            )


def _log(serving_dir: Path, rollout: Rollout) -> None:
    """Adds the lines of its stage and of its end that a kill has kept from the log."""
    words = (
        f"a share of {rollout.share:g} of the customers" if rollout.share else "asked beside, answers nobody"
    )
    lines: list[ModelPush | Left] = [*_lines(rollout, rollout.since, rollout.mode, words, rollout.forced)]
    if (ended := rollout.ended) is not None:
        lines += _lines(rollout, ended.time, ended.outcome, ended.reason, ended.forced)
    log = read_log(serving_dir)
    if ended is not None and ended.outcome == PROMOTED:
        lines += retirements(log, rollout.retired, ended.time)
    known = {(line.time, line.model, line.outcome) for line in log}
    missing = [line for line in lines if (line.time, line.model, line.outcome) not in known]
    append_log(serving_dir, map(msgspec.json.encode, missing))


def _lines(
    rollout: Rollout, time: datetime, outcome: str, reason: str, forced: str = ""
) -> tuple[ModelPush, ...]:
    return tuple(
        msgspec.convert(
            {
                "time": time,
                "model": model,
                "outcome": outcome,
                "reason": reason,
                "version": version,
                "hash": rollout.hashes[model],
                "verdict": rollout.verdict,
                "forced": forced,
            },
            ModelPush,
        )
        for model, version in rollout.models.items()
    )
