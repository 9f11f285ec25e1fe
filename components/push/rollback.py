"""A rollback: models go back to versions that were in service before, by a change of the config alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from components.push.into_service import put_into_service
from components.push.options import PushOptions
from components.push.push_log import (
    NEW,
    LogLine,
    append_log,
    pushed_hash,
    read_log,
    retired_at,
    retirements,
    stable_before,
    stood_beside,
)
from components.push.result import ModelPush, Outcome, PushResult
from components.push.rollout import settle
from components.push.serving_folder import locked, stable_versions
from components.records.domain_signature import DOMAIN_PREFIX, domain_model
from components.records.hyprank.rank import HYPRANK
from components.records.manifest import Manifest
from components.records.model_names import in_brief
from components.records.ranked_system import models_of_use
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import folder_hash, read_manifest, versions

_SHARED = {SHORTLISTER: HYPRANK, HYPRANK: SHORTLISTER}
"""Each of the two that score all skills, and the other, which is made for its scores."""


class RollbackError(ValueError):
    """A rollback that was refused; nothing has changed."""


def rollback(
    serving_dir: Path,
    *,
    model: str | None = None,
    version: int | None = None,
    reason: str,
    options: PushOptions = PushOptions(),  # noqa: B008 (frozen)
) -> PushResult:
    """Labels earlier versions stable, once the live server has them: all or none. Pushes wait meanwhile.

    Args:
        serving_dir: Gets another `models.config` and a line a model in the audit log.
        model: This one goes back; with the Shortlister or HypRank the other goes where it stood beside it.
            None: every model that the newest push put into service.
        version: Of `model`; None: the one that was in service before.
        reason: Why; the log keeps it.
        options: What to wait for, and how long.

    Returns: "rolled_back", or "not_available": the server did not load a version, and the offer is withdrawn.
    Raises:
        RollbackError: There is nothing to go back to, a version is not there or not as it was pushed, the
            models would not fit together, or candidates are tried live and no `model` is named.
        ServingError: The server failed; the offer is withdrawn.
    """
    if not reason.strip():
        raise RollbackError("`reason` must say why. Received: nothing")
    if version is not None and model is None:
        raise RollbackError(f"`version` needs a model. Received: version={version}")
    started = datetime.now(UTC)
    with locked(serving_dir):
        tried = settle(serving_dir)
        if tried is not None and model is None:
            raise RollbackError(
                f"a {tried.mode} of {in_brief(tried.models)} is open: end it by promote --abandon, "
                "or say which model goes back"
            )
        log, now = read_log(serving_dir), stable_versions(serving_dir)
        back = _newest_push(log, now) if model is None else _with_other(log, now, model, version)
        hashes = {name: _whole(serving_dir, log, name, number) for name, number in back.items()}
        leaving = _require_fit(serving_dir, log, now, back)
        failure = put_into_service(serving_dir, back, options, retired=leaving)
        outcome: Outcome = "not_available" if failure else "rolled_back"
        said = failure or reason.strip()
        models = tuple(
            ModelPush(
                time=started, model=name, outcome=outcome, reason=said, version=number, hash=hashes[name]
            )
            for name, number in back.items()
        )
        left = {} if failure else {name: now[name] for name in leaving}
        append_log(serving_dir, map(msgspec.json.encode, (*models, *retirements(log, left, started))))
        settle(serving_dir)
        return PushResult(
            outcome=outcome, reason=said, models=models, in_service=stable_versions(serving_dir)
        )


def _newest_push(log: Sequence[LogLine], now: Mapping[str, int]) -> dict[str, int]:
    """Where the models go that the newest push put into service, and those that left with it; one that was
    not there before it is not among them."""
    since = {}
    for line in log:
        if now.get(line.model) == line.version and line.outcome in NEW:
            since[line.model] = line.time
    if not since:
        raise RollbackError("nothing to go back to: no push is in service")
    time = max(since.values())
    newest = [model for model in now if since.get(model) == time]
    before = {model: stable_before(log, model, now[model]) for model in newest}
    back = {model: earlier[-1].version for model, earlier in before.items() if earlier}
    if not back:
        raise RollbackError(f"nothing to go back to: {', '.join(newest)} had no version in service before")
    left = {model: version for model, version in retired_at(log, time).items() if model not in now}
    return {**back, **left}


def _with_other(
    log: Sequence[LogLine], now: Mapping[str, int], model: str, version: int | None
) -> dict[str, int]:
    if model not in now:
        known = ", ".join(sorted(now)) or "no model"
        raise RollbackError(f"{model} is not in service, so it cannot go back. In service: {known}")
    if version is None:
        before = stable_before(log, model, now[model])
        if not before:
            raise RollbackError(f"nothing to go back to: {model} had no version before {now[model]}")
        version = before[-1].version
    if version == now[model]:
        raise RollbackError(f"{model}, version {version} is in service already")
    back = {model: version}
    other = _SHARED.get(model)
    beside = () if other is None or other not in now else stood_beside(log, model, version, other)
    if other is not None and beside and now[other] not in beside:
        back[other] = beside[-1]
    return back


def _whole(serving_dir: Path, log: Sequence[LogLine], model: str, version: int) -> str:
    """The version's hash, which must be that of its push."""
    there = versions(serving_dir / model)
    if version not in there:
        known = ", ".join(map(str, there)) or "none"
        raise RollbackError(f"{model} has no version {version} in {serving_dir}. There: {known}")
    pushed = pushed_hash(log, model, version)
    if pushed is None:
        raise RollbackError(f"{model}, version {version} was never in service")
    if folder_hash(serving_dir / model / str(version)) != pushed:
        raise RollbackError(
            f"{model}, version {version} is damaged: its files are not those that were pushed"
        )
    return pushed


def _require_fit(
    serving_dir: Path, log: Sequence[LogLine], now: Mapping[str, int], back: Mapping[str, int]
) -> tuple[str, ...]:
    """Raises `RollbackError` unless the system afterwards is one whose models know of each other.

    Returns: Models that the Shortlister then has no use for; they leave.
    """
    system = {**now, **back}
    if SHORTLISTER in back or HYPRANK in back:
        pair = [f"{name}, version {system[name]}" for name in _SHARED if name in system]
        beside = stood_beside(log, SHORTLISTER, system.get(SHORTLISTER, 0), HYPRANK)
        if len(pair) == len(_SHARED) and system[HYPRANK] not in beside:
            raise RollbackError(f"{' and '.join(pair)} were never in service together")
    if SHORTLISTER not in system:
        return ()
    shortlister = _manifest(serving_dir, SHORTLISTER, system)
    retired = tuple(sorted(now.keys() - models_of_use(set(shortlister.domains))))
    left = {model: number for model, number in system.items() if model not in retired}
    strangers = _strangers(serving_dir, left)
    if strangers and (strangers := strangers - _strangers(serving_dir, now)):
        raise RollbackError(
            f"{', '.join(sorted(strangers))} would not know the skills that {SHORTLISTER}, version "
            f"{system[SHORTLISTER]} knows: a change of skills goes back as a whole, without a model's name"
        )
    return retired


def _strangers(serving_dir: Path, system: Mapping[str, int]) -> set[str]:
    """Models that know other skills than the Shortlister does of what is theirs."""
    shortlister = _manifest(serving_dir, SHORTLISTER, system)
    return {
        model
        for model in system
        if _skills(_manifest(serving_dir, model, system), model) != _skills(shortlister, model)
    }


def _skills(manifest: Manifest, model: str) -> set[str]:
    """The skills that are the model's own: of a domain's, those of the domain."""
    pairs = zip(manifest.skill_ids, manifest.domains, strict=True)
    own = model.startswith(DOMAIN_PREFIX)
    return {skill for skill, domain in pairs if not own or domain_model(domain) == model}


def _manifest(serving_dir: Path, model: str, system: Mapping[str, int]) -> Manifest:
    return read_manifest(serving_dir / model / str(system[model]))
