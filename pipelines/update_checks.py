"""Whether a domain can be updated: what must hold before anything is trained."""

import difflib
from pathlib import Path

from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, read_catalogue
from components.records.domain_signature import DOMAIN_PREFIX
from pipelines.errors import CallError, CommandError
from pipelines.in_service import InService
from pipelines.workspace import Workspace


def require_system(workspace: Workspace, base: InService) -> None:
    """Raises `CommandError` where no domain has a model in service."""
    if not any(model.startswith(DOMAIN_PREFIX) for model in base.versions):
        raise CommandError(
            f"{workspace.root} has no domain models in service: the Shortlister answers alone.",
            "Train the whole system first: arbiter run DATA --workspace WORK --set rankers=true",
        )


def require_domain(domain: str, data: Path | None, base: InService) -> None:
    """Checks what an update is asked for.

    Args:
        domain: Must be one of the catalogue that is in service; it need not have a model yet.
        data: A dataset, which must hold the same skills; None: there is none.

    Raises:
        CallError: It is not so; the message names what is near.
    """
    catalogue = read_catalogue(Path(base.catalogue, CATALOGUE))
    if domain not in catalogue.domains:
        near = difflib.get_close_matches(domain, catalogue.domains)
        known = ", ".join(near or catalogue.domains)
        raise CallError(
            f"--domain {domain}: the catalogue has no such domain.",
            f"Did you mean {known}?" if near else f"Domains: {known}.",
        )
    if data is not None:
        _require_same_skills(data, catalogue)


def _require_same_skills(data: Path, old: Catalogue) -> None:
    """Skills are no domain's own: the Shortlister and HypRank know them too."""
    if not (data / CATALOGUE).is_file():
        raise CallError(f"--data {data} is no dataset: it has no {CATALOGUE}.")
    new = read_catalogue(data / CATALOGUE)
    domains = {skill.skill_id: skill.domain for skill in new}
    for what, skills in (
        ("lacks skills in service", [s.skill_id for s in old if s.skill_id not in domains]),
        ("has skills that are not in service", [s for s in domains if s not in old.by_id]),
        (
            "has skills in other domains",
            [s.skill_id for s in old if domains.get(s.skill_id, s.domain) != s.domain],
        ),
    ):
        if skills:
            raise CallError(
                f"--data {data} {what}: {', '.join(skills[:5])}{' …' if len(skills) > 5 else ''}.",
                "An update changes no skills: arbiter skill add, remove or rename does, or a full run.",
            )
