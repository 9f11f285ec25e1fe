"""The models that make one system together: version folders by the name that each is served by."""

from collections.abc import Mapping
from pathlib import Path

from components.records.artifact_files import version_folder_in
from components.records.hyprank.rank import HYPRANK
from components.records.options import read_options
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import SAVED_MODEL

Versions = Mapping[str, int]
"""The version of each model that is in service, by name."""


def read_versions(text: str) -> dict[str, int]:
    """The versions in service that a node is given.

    Args:
        text: JSON, such as `{"shortlister": 3}`.

    Raises:
        ValueError: It is not JSON of positive numbers by name.
    """
    versions = read_options(text, dict[str, int], name="in_service")
    wrong = {model: version for model, version in versions.items() if version < 1}
    if wrong:
        raise ValueError(f"`in_service` must hold positive versions. Received: {wrong}")
    return versions


def check_service(serving_dir: str, in_service: str) -> None:
    """Raises `ValueError` unless `read_versions` reads `in_service` and it is clear where its models lie."""
    if read_versions(in_service) and not Path(serving_dir).is_absolute():
        raise ValueError(f"`serving_dir` must be absolute. Received: serving_dir={serving_dir!r}")


def candidate_folders(
    *, model: Path | None = None, domain_models: Path | None = None, hyprank: Path | None = None
) -> dict[str, Path]:
    """The version folders of the artifacts that a run made, by the name that each is to be served by.

    Args:
        model: A Model artifact, the Shortlister's.
        domain_models: A DomainModels artifact: a version folder for each domain that has a model.
        hyprank: A Model artifact, HypRank's.
    """
    found = {}
    if model is not None:
        found[SHORTLISTER] = version_folder_in(model)
    if domain_models is not None:
        made = sorted(domain_models.glob(f"*/{SAVED_MODEL}"))
        found.update((path.parent.name, path.parent) for path in made)
    if hyprank is not None:
        found[HYPRANK] = version_folder_in(hyprank)
    return found


def system_folders(candidates: Mapping[str, Path], serving_dir: Path, versions: Versions) -> dict[str, Path]:
    """The versions in service, each replaced by the candidate of its name, and the other candidates.

    Args:
        serving_dir: Holds a folder for each model, and in it one for each version.

    Raises:
        ValueError: There is no Shortlister, or a version in service that no candidate replaces has no folder.
    """
    kept = {
        model: serving_dir / model / str(version)
        for model, version in versions.items()
        if model not in candidates
    }
    gone = sorted(str(folder) for folder in kept.values() if not folder.is_dir())
    if gone:
        raise ValueError(f"`in_service` must name versions of {serving_dir}. Missing: {', '.join(gone)}")
    found = {**kept, **candidates}
    if SHORTLISTER not in found:
        raise ValueError(
            f"a system needs a {SHORTLISTER}, as a candidate or in service. "
            f"Received: {', '.join(sorted(found)) or 'no model'}"
        )
    return found
