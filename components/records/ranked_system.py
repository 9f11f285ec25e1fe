"""Which models made the predictions of a folder, so that nothing is judged or pushed but what was asked."""

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write
from components.records.domain_signature import domain_model
from components.records.hyprank.rank import HYPRANK
from components.records.model_set import Versions
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import read_manifest

_FILE = "system.json"


class RankedSystem(msgspec.Struct, frozen=True, kw_only=True):
    """The models that were asked together.

    Attributes:
        candidates: By the name that each is to be served by.
        in_service: The versions that they stood beside, or in place of. Empty: they are the whole system.
    """

    candidates: tuple[str, ...] = ()
    in_service: dict[str, int] = {}


def write_system(folder: Path, system: RankedSystem) -> None:
    """Writes it beside the predictions."""
    atomic_write(folder / _FILE, msgspec.json.encode(system))


def read_system(folder: Path) -> RankedSystem:
    """Which models made the predictions in `folder`. Raises `FileNotFoundError` or `msgspec.DecodeError`."""
    return msgspec.json.decode((folder / _FILE).read_bytes(), type=RankedSystem)


def models_of_use(domains: Collection[str]) -> frozenset[str]:
    """The names of all models that a system has use for whose Shortlister knows skills of these domains."""
    return frozenset((SHORTLISTER, HYPRANK, *map(domain_model, domains)))


def without(
    candidates: Mapping[str, Path], refused: Collection[str], serving_dir: Path, versions: Versions
) -> RankedSystem | None:
    """What is left where some candidates are refused: the others, and of what is in service all that they
    have use for and do not replace.

    Args:
        candidates: Version folders by name.
        versions: Those in service, in `serving_dir`.

    Returns: None where no candidate is left, or no Shortlister to judge it with.
    """
    left = {model: folder for model, folder in candidates.items() if model not in refused}
    shortlister = left.get(SHORTLISTER)
    if shortlister is None and SHORTLISTER in versions:
        shortlister = serving_dir / SHORTLISTER / str(versions[SHORTLISTER])
    if shortlister is None:
        return None
    of_use = models_of_use(set(read_manifest(shortlister).domains))
    names = tuple(model for model in left if model in of_use)
    kept = {model: number for model, number in versions.items() if model in of_use and model not in names}
    return RankedSystem(candidates=names, in_service=kept) if names else None
