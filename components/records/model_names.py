"""The names that models are served by, in few words."""

from collections.abc import Iterable

from components.records.domain_signature import DOMAIN_PREFIX


def in_brief(models: Iterable[str]) -> str:
    """The models by name; several domains' as their number.

    >>> in_brief(["shortlister", "hyprank", "domain-music"])
    'shortlister, hyprank, domain-music'
    >>> in_brief(["domain-music", "shortlister", "domain-weather"])
    'shortlister, 2 domain models'
    """
    return ", ".join(brief_names(models))


def brief_names(models: Iterable[str]) -> list[str]:
    """The same, one by one."""
    names = list(models)
    domains = [name for name in names if name.startswith(DOMAIN_PREFIX)]
    others = [name for name in names if not name.startswith(DOMAIN_PREFIX)]
    return [*others, *(domains if len(domains) < 2 else [f"{len(domains)} domain models"])]
