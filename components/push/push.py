"""A push: check, copy, offer, label."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import grpc
import msgspec

from components.push.candidate_server import CandidateError, candidate_server
from components.push.options import PushOptions
from components.push.recorded import read_recorded
from components.push.reproduce import EXACT, Reproduction, reproduce, tolerance_of
from components.push.serving_folder import (
    append_log,
    install_next,
    locked,
    make_stable,
    offer,
    withdraw,
)
from components.records.live_server import live_address
from components.records.named import NameRule
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError
from components.records.serving_client import ServingClient, ServingError
from components.records.version_folder import folder_hash, has_twin, read_manifest

_LOOK_S = 0.2

Outcome = Literal["pushed", "not_blessed", "not_reproduced", "not_available"]


class PushResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a push; also a line of the audit log.

    Attributes:
        outcome: `pushed`, or why not.
        reason: The same in words.
        version: The version that is stable now, or was offered and taken back; 0: none was made.
        hash: Of the candidate's files, which are also the version's.
        requests: Recorded predictions that were asked again.
        worst: The largest difference of a score, of the form that `reason` speaks of.
        verdict: The evaluation's verdict in words.
    """

    time: datetime
    model: str
    outcome: Outcome
    reason: str
    version: int = 0
    hash: str
    requests: int = 0
    worst: float = 0.0
    verdict: str

    @property
    def pushed(self) -> bool:
        return self.outcome == "pushed"


def push(
    candidate: Path,
    predictions: Path,
    serving_dir: Path,
    model: str,
    *,
    blessed: bool,
    verdict: str,
    options: PushOptions = PushOptions(),  # noqa: B008 (frozen)
) -> PushResult:
    """Puts a blessed candidate into service, once the embedded server reproduces what was recorded of it.

    Killed at any moment it leaves the serving folder as it was, or with a complete version that is not yet
    listed or labelled.

    Args:
        candidate: A version folder.
        predictions: The Predictions artifact that the candidate was judged by.
        serving_dir: Gets the version, `models.config` and a line in the audit log.
        model: Name under which it is served.
        blessed: Whether the evaluation passed; if not, nothing is changed but the log.
        verdict: The evaluation's verdict in words.

    Returns: What came of it, as the audit log has it.
    Raises:
        ValueError: There are no recorded predictions, or the candidate changed meanwhile.
        FileNotFoundError: `candidate` is no version folder.
        ServingError: The server named in the options, or the candidate's, failed.
    """
    base = PushResult(
        time=datetime.now(UTC),
        model=model,
        outcome="not_blessed",
        reason=verdict,
        hash=folder_hash(candidate),
        verdict=verdict,
    )
    if not blessed:
        return _logged(serving_dir, base)
    try:
        found = _reproduce(candidate, predictions, model, options)
    except CandidateError as error:
        failed = msgspec.structs.replace(base, outcome="not_reproduced", reason=str(error))
        return _logged(serving_dir, failed)
    base = msgspec.structs.replace(base, reason=found.words, requests=found.requests, worst=found.worst)
    if found.different:
        return _logged(serving_dir, msgspec.structs.replace(base, outcome="not_reproduced"))
    with locked(serving_dir):
        version = install_next(candidate, serving_dir, model, expected_hash=base.hash)
        offer(serving_dir, model, version)
    base = msgspec.structs.replace(base, version=version)
    failure = _await_server(serving_dir, model, version, options)
    with locked(serving_dir):
        if failure:
            withdraw(serving_dir, model, version)
        else:
            make_stable(serving_dir, model, version)
    if failure:
        return _logged(serving_dir, msgspec.structs.replace(base, outcome="not_available", reason=failure))
    return _logged(serving_dir, msgspec.structs.replace(base, outcome="pushed"))


def _reproduce(candidate: Path, predictions: Path, model: str, options: PushOptions) -> Reproduction:
    """Asks the SavedModel, as it is served, and the twin that made the predictions, if there is one."""
    manifest = read_manifest(candidate)
    recorded = read_recorded(predictions, options.split, options.requests, NameRule(manifest))
    with candidate_server(candidate, model) as address, ServingClient(address, timeout_s=60.0) as client:
        found = reproduce(
            lambda inputs: client.predict(model, inputs)[0],
            recorded,
            form="SavedModel",
            calibration=manifest.calibration,
            tolerance=tolerance_of(candidate),
        )
    if found.different or not has_twin(candidate):
        return found
    try:
        twin = Servable.load(candidate)
    except ServableError as error:
        raise CandidateError(f"the twin in {candidate} cannot be loaded: {error}") from error
    again = reproduce(
        lambda inputs: twin.predict(DEFAULT_SIGNATURE, inputs),
        recorded,
        form="twin",
        calibration=manifest.calibration,
        tolerance=EXACT,
    )
    return again if again.different else found


def _await_server(serving_dir: Path, model: str, version: int, options: PushOptions) -> str:
    """Waits until the live server, if there is one, has loaded the version; returns why it has not, or ''."""
    address = options.server or live_address(serving_dir)
    if not address:
        return ""
    deadline = time.monotonic() + options.wait_seconds
    with ServingClient(address) as client:
        while time.monotonic() < deadline:
            try:
                status = client.status(model).get(version)
            except ServingError as error:
                if error.code == grpc.StatusCode.UNAVAILABLE and not options.server:
                    return ""  # its announcement outlived it: nobody serves this folder
                if error.code != grpc.StatusCode.NOT_FOUND:
                    raise
                status = None
            if status is not None and status.state == "AVAILABLE":
                return ""
            if status is not None and status.error:
                return f"the server at {address} cannot load version {version}: {status.error}"
            time.sleep(_LOOK_S)
    return f"the server at {address} did not load version {version} in {options.wait_seconds:.0f} s"


def _logged(serving_dir: Path, result: PushResult) -> PushResult:
    with locked(serving_dir):
        append_log(serving_dir, msgspec.json.encode(result))
    return result
