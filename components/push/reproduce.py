"""Holds the candidates of a push, in both forms, against the predictions that were recorded of them."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from components.push.candidate_server import CandidateError, candidate_server
from components.push.recorded import Recording
from components.push.reproduce_domain import reproduce_domain
from components.push.reproduce_hyprank import reproduce_hyprank
from components.push.reproduce_shortlister import reproduce_shortlister
from components.push.reproduction import Ask, Reproduction
from components.push.tolerance import EXACT, Tolerance, tolerance_of
from components.records.array import Array
from components.records.hyprank.rank import HYPRANK
from components.records.manifest import Manifest
from components.records.servable import DEFAULT_SIGNATURE, Servable, ServableError
from components.records.serving_client import ServingClient
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import has_twin, read_manifest

_TIMEOUT_S = 60.0


class _Check(Protocol):
    def __call__(
        self, ask: Ask, recording: Recording, *, manifest: Manifest, form: str, tolerance: Tolerance
    ) -> Reproduction: ...


_CHECKS: Mapping[str, _Check] = {
    SHORTLISTER: reproduce_shortlister,
    "domain": reproduce_domain,
    HYPRANK: reproduce_hyprank,
}
"""By the kind that a manifest names."""


def reproduce(candidates: Mapping[str, Path], recording: Recording) -> dict[str, Reproduction]:
    """Asks each SavedModel, as it is served, and the twin that made the predictions, where there is one.

    Args:
        candidates: Version folders by the name that each is to be served by.

    Returns: Of each model what its SavedModel did; where its twin alone does otherwise, what that did.
    Raises:
        CandidateError: The server does not start on them, or a twin cannot be loaded.
        ServingError: The server failed.
        ValueError: A candidate is of no known kind, or a score is missing from a prediction.
    """
    manifests = {model: read_manifest(candidate) for model, candidate in candidates.items()}
    if unknown := sorted({manifest.kind for manifest in manifests.values()} - _CHECKS.keys()):
        raise ValueError(f"`kind` must be one of {', '.join(_CHECKS)}. Received: {', '.join(unknown)}")
    found = {}
    with (
        candidate_server(candidates) as address,
        ServingClient(address, timeout_s=_TIMEOUT_S) as client,
    ):
        for model, manifest in manifests.items():
            found[model] = _CHECKS[manifest.kind](
                partial(_served, client, model),
                recording,
                manifest=manifest,
                form="SavedModel",
                tolerance=tolerance_of(candidates[model], manifest),
            )
    for model, candidate in candidates.items():
        if has_twin(candidate) and not found[model].different:
            again = _by_twin(candidate, manifests[model], recording)
            found[model] = again if again.different else found[model]
    return found


def _served(client: ServingClient, model: str, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
    return client.predict(model, inputs)[0]


def _by_twin(candidate: Path, manifest: Manifest, recording: Recording) -> Reproduction:
    try:
        twin = Servable.load(candidate)
    except ServableError as error:
        raise CandidateError(f"the twin in {candidate} cannot be loaded: {error}") from error
    return _CHECKS[manifest.kind](
        partial(twin.predict, DEFAULT_SIGNATURE), recording, manifest=manifest, form="twin", tolerance=EXACT
    )
