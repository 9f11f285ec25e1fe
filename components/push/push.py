"""A push: check, copy, offer, label."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from components.push.candidate_server import CandidateError
from components.push.into_service import put_into_service
from components.push.options import PushOptions
from components.push.push_log import append_log
from components.push.recorded import read_recording
from components.push.reproduce import reproduce
from components.push.reproduction import Reproduction, in_words
from components.push.retention import remove_old
from components.push.serving_folder import install_next, locked, stable_versions
from components.push.superseded import superseded
from components.records.manifest import Manifest
from components.records.model_names import in_brief
from components.records.model_set import system_folders
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import folder_hash, read_manifest

Outcome = Literal["pushed", "not_blessed", "not_reproduced", "superseded", "not_available", "rolled_back"]


class ModelPush(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one model of a push; also a line of the audit log.

    Attributes:
        time: Of the push, the same for all of its models.
        outcome: `pushed`, or why not. Models that were judged together are all pushed, or none. Of a rollback
            `rolled_back`, or why not.
        reason: The same in words; of a rollback, why it was made.
        version: The version that is stable now, or was offered and taken back; 0: none was made.
        hash: Of the candidate's files, which are also the version's.
        requests: Recorded predictions that were asked again.
        worst: The largest difference of a score, of the form that `reason` speaks of.
        verdict: The evaluation's verdict in words; of a rollback "".
        forced: Why it was pushed whatever the verdict is; "": it was not.
    """

    time: datetime
    model: str
    outcome: Outcome
    reason: str
    version: int = 0
    hash: str
    requests: int = 0
    worst: float = 0.0
    verdict: str = ""
    forced: str = ""


class PushResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a push or a rollback.

    Attributes:
        outcome: Of the models that were judged together last.
        reason: The same in words.
        models: They, in the order of the candidates, and after them those that were held back before.
        in_service: The versions in service afterwards, by model.
    """

    outcome: Outcome
    reason: str
    models: tuple[ModelPush, ...]
    in_service: dict[str, int]

    @property
    def pushed(self) -> bool:
        return self.outcome == "pushed"

    @property
    def properties(self) -> dict[str, int | str]:
        """What the metadata keeps of it, by name."""
        return {
            "pushed": int(self.pushed),
            "outcome": self.outcome,
            "reason": self.reason,
            "verdict": self.models[0].verdict,
            "forced": self.models[0].forced,
            "in_service": msgspec.json.encode(self.in_service, order="deterministic").decode(),
            **{f"version.{model.model}": model.version for model in self.models},
            **{f"hash.{model.model}": model.hash for model in self.models},
        }

    @property
    def named(self) -> str:
        """The models in brief, with the version where there is one model."""
        together = [model for model in self.models if model.outcome == self.outcome]
        if len(together) == 1 and (version := together[0].version):
            return f"{together[0].model}, version {version}"
        return in_brief(model.model for model in together)


class HeldBack(NamedTuple):
    """A candidate that was refused before the others were judged for the last time: its folder, and why."""

    folder: Path
    reason: str


class _Ending(NamedTuple):
    outcome: Outcome
    reason: str
    versions: Mapping[str, int] = {}


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
    """Puts a blessed set of candidates into service, all or none, once the embedded server reproduces what
    was recorded of them.

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
            known kind, or it changed meanwhile.
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
        if ending is None:
            ending = _place(candidates, hashes, serving_dir, in_service, shortlister, options)
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
        append_log(serving_dir, map(msgspec.json.encode, result.models))
        if result.pushed:
            remove_old(serving_dir, candidates, keep=options.keep, time=started)
    return result


def _place(
    candidates: Mapping[str, Path],
    hashes: Mapping[str, str],
    serving_dir: Path,
    in_service: Mapping[str, int],
    shortlister: Manifest,
    options: PushOptions,
) -> _Ending:
    """Copies, offers and labels the candidates; a failure withdraws all of them."""
    now = stable_versions(serving_dir)
    if reason := superseded(now, in_service, candidates, shortlister):
        return _Ending("superseded", reason)
    versions = {
        model: install_next(candidate, serving_dir, model, expected_hash=hashes[model])
        for model, candidate in candidates.items()
    }
    retired = now.keys() - {*candidates, *in_service}
    failure = put_into_service(serving_dir, versions, options, retired=retired)
    return _Ending("not_available" if failure else "pushed", failure, versions)
