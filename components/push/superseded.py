"""Whether what is in service is still what the candidates were judged beside."""

from collections.abc import Collection, Mapping

from components.records.manifest import Manifest
from components.records.ranked_system import models_of_use


def superseded(
    now: Mapping[str, int],
    in_service: Mapping[str, int],
    candidates: Collection[str],
    shortlister: Manifest,
) -> str:
    """Why the candidates have to be judged again; '' where they need not be.

    A model that was judged beside them has another version by now, or is gone; or one has come that was not
    there then. One that no skill of the Shortlister has use for does not count: it is about to leave.

    Args:
        now: The versions in service by model.
        in_service: Those that the candidates were judged beside. Empty: the candidates are the whole system.
        candidates: Names of their models.
        shortlister: That of the system that was judged.
    """
    if not in_service:
        return ""
    of_use = models_of_use(set(shortlister.domains))
    changes = [
        f"{model} was {_version(in_service.get(model))} and is {_version(now.get(model))}"
        for model in sorted(in_service.keys() | (now.keys() & of_use) - set(candidates))
        if now.get(model) != in_service.get(model)
    ]
    return f"judged beside other models than those in service: {'; '.join(changes)}" if changes else ""


def _version(number: int | None) -> str:
    return "not in service" if number is None else f"version {number}"
