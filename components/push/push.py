"""A push: check, copy, offer, label; or, in place of the label, a rollout."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from components.push.candidate_server import CandidateError
from components.push.into_service import offer_and_wait, put_into_service
from components.push.options import PushOptions
from components.push.push_log import append_log, read_log, retirements
from components.push.recorded import read_recording
from components.push.reproduce import reproduce
from components.push.reproduction import Reproduction, in_words
from components.push.result import ModelPush, Outcome, PushResult
from components.push.retention import remove_old
from components.push.rollout import begin, restage, settle
from components.push.serving_folder import install_next, locked, stable_versions
from components.push.superseded import superseded
from components.records.manifest import Manifest
from components.records.model_set import system_folders
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import folder_hash, read_manifest


class HeldBack(NamedTuple):
    """A candidate that was refused before the others were judged for the last time: its folder, and why."""

    folder: Path
    reason: str


class _Ending(NamedTuple):
    outcome: Outcome
    reason: str
    versions: Mapping[str, int] = {}


class _Offered(NamedTuple):
    folders: Mapping[str, Path]
    hashes: Mapping[str, str]
    in_service: Mapping[str, int]
    shortlister: Manifest
    verdict: str
    forced: str
    time: datetime


def push(
    candidates: Mapping[str, Path],
    predictions: Path,
    serving_dir: Path,
    *,
    in_service: Mapping[str, int],
    blessed: bool,
    verdict: str,
    forced: str = "",
    held_back: Mapping[str, HeldBack] = MappingProxyType({}),
    options: PushOptions = PushOptions(),  # noqa: B008 (frozen)
) -> PushResult:
    """Puts a blessed set of candidates into service, or beside it where the options say so, all or none, once
    the embedded server reproduces what was recorded of them.

    Killed at any moment it leaves the serving folder as it was, or with complete versions that are not yet
    listed or labelled. Other pushes wait from the first copy to the labels.

    Args:
        candidates: Version folders by the name that each is to be served by.
        predictions: The Predictions artifact that the candidates were judged by.
        serving_dir: Gets the versions, `models.config` and a line a model in the audit log. What is older
            than the options keep leaves it.
        in_service: The versions in service that the candidates were judged beside, by model. If they are no
            longer those in service the outcome is "superseded" and nothing is changed but the log: judge
            again. A candidate's own name may be among them. Models that are neither candidates nor named here
            leave `models.config`. Empty: the candidates are the whole system.
        blessed: Whether the evaluation passed; if not, nothing is changed but the log.
        verdict: The evaluation's verdict in words.
        forced: Why they are pushed whether they are blessed or not; "": they are not.
        held_back: Other candidates of the run, by name: they get a line in the log.

    Returns: What came of it, as the audit log has it.
    Raises:
        ValueError: There is no candidate, no Shortlister or no recorded prediction, a candidate is of no
            known kind, or it changed meanwhile; or other candidates are being tried on live traffic already.
        FileNotFoundError: A candidate is no version folder.
        ServingError: The server named in the options, or the candidates', failed; the offer is withdrawn.
    """
    if not candidates:
        raise ValueError("`candidates` must hold at least one model. Received: none")
    started = datetime.now(UTC)
    hashes = {model: folder_hash(candidate) for model, candidate in candidates.items()}
    shortlister = read_manifest(system_folders(candidates, serving_dir, in_service)[SHORTLISTER])
    found: dict[str, Reproduction] = {}
    ending = None if blessed or forced else _Ending("not_blessed", verdict)
    if ending is None:
        recording = read_recording(predictions, options.split, options.requests, shortlister)
        try:
            found = reproduce(candidates, recording)
        except CandidateError as error:
            ending = _Ending("not_reproduced", str(error))
    if any(each.different for each in found.values()):
        ending = _Ending("not_reproduced", in_words(found))
    refused = [
        ModelPush(
            time=started,
            model=model,
            outcome="not_blessed",
            reason=held.reason,
            hash=folder_hash(held.folder),
            verdict=verdict,
        )
        for model, held in held_back.items()
    ]
    with locked(serving_dir):
        settle(serving_dir)
        before = stable_versions(serving_dir)
        if ending is None:
            offered = _Offered(candidates, hashes, in_service, shortlister, verdict, forced, started)
            ending = _place(serving_dir, offered, options)
        result = PushResult(
            outcome=ending.outcome,
            reason=ending.reason or in_words(found),
            models=(
                *(
                    ModelPush(
                        time=started,
                        model=model,
                        outcome=ending.outcome,
                        reason=ending.reason or found[model].words,
                        version=ending.versions.get(model, 0),
                        hash=hashes[model],
                        requests=found[model].requests if model in found else 0,
                        worst=found[model].worst if model in found else 0.0,
                        verdict=verdict,
                        forced=forced,
                    )
                    for model in candidates
                ),
                *refused,
            ),
            in_service=stable_versions(serving_dir),
        )
        left = {model: version for model, version in before.items() if model not in result.in_service}
        lines = (*result.models, *retirements(read_log(serving_dir), left, started))
        append_log(serving_dir, map(msgspec.json.encode, lines))
        settle(serving_dir)
        if result.pushed:
            remove_old(serving_dir, candidates, keep=options.keep, time=started)
    return result


def _place(serving_dir: Path, offered: _Offered, options: PushOptions) -> _Ending:
    """Copies, offers and labels the candidates, or has live traffic try them; a failure withdraws all."""
    now, mode = stable_versions(serving_dir), options.mode
    if mode and (known := restage(serving_dir, offered.hashes, mode, options.canary, offered.time)):
        return _Ending(mode, "", known)
    if reason := superseded(now, offered.in_service, offered.folders, offered.shortlister):
        return _Ending("superseded", reason)
    versions = {
        model: install_next(folder, serving_dir, model, expected_hash=offered.hashes[model])
        for model, folder in offered.folders.items()
    }
    leaving = now.keys() - {*offered.folders, *offered.in_service}
    if not mode:
        failure = put_into_service(serving_dir, versions, options, retired=leaving)
        return _Ending("not_available" if failure else "pushed", failure, versions)
    failure = offer_and_wait(serving_dir, versions, options)
    if failure:
        return _Ending("not_available", failure, versions)
    begin(
        serving_dir,
        versions,
        offered.hashes,
        mode,
        options.canary,
        retired=leaving,
        verdict=offered.verdict,
        forced=offered.forced,
        time=offered.time,
    )
    return _Ending(mode, "", versions)
