"""The names that models are served by: in few words, and as part of an address."""

import hashlib
from collections.abc import Iterable

from components.records.domain_signature import DOMAIN_PREFIX

_LABEL = 63
_DIGEST = 8


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


def address_of(template: str, model: str) -> str:
    """The address of a model's server; a template without placeholders is one server for all.

    Args:
        template: `{model}` in it stands for the model's name, `{host}` for its `dns_label`.

    >>> address_of("{host}.models.svc:8500", "shortlister")
    'shortlister.models.svc:8500'
    """
    return template.replace("{model}", model).replace("{host}", dns_label(model))


def dns_label(model: str) -> str:
    """The model's name as a host may be called: lower-case letters, digits, hyphens, at most 63 (RFC 1123).

    A name that is one already stays; another gets a hash of itself, so that no two models share a label.

    >>> dns_label("domain-music"), dns_label("domain-_48_ome")
    ('domain-music', 'domain-48-ome-c8fb66a0')
    """
    plain = "-".join(part for part in model.replace("_", "-").split("-") if part)
    if plain == model and len(model) <= _LABEL:
        return model
    digest = hashlib.sha256(model.encode()).hexdigest()[:_DIGEST]
    return f"{plain[: _LABEL - _DIGEST - 1].rstrip('-')}-{digest}"
