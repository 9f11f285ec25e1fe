"""Which candidates a check speaks of, and which of them the failed ones refuse."""

from collections.abc import Collection, Sequence

from components.evaluate.slices import split_name
from components.records.domain_signature import domain_model
from components.records.hyprank.rank import HYPRANK
from components.records.shortlister_signature import SHORTLISTER
from components.records.verdict import Check

SHARED = (SHORTLISTER, HYPRANK)
"""The models that every domain's requests go through. They are made for each other: one verdict for both."""


def about(check: Check, candidates: Collection[str]) -> tuple[str, ...]:
    """The candidates that the check speaks of.

    A domain's figures speak of its own model; all other figures, and those of a domain whose model is no
    candidate, of the shared models; where these are no candidates either, of all that there are.
    """
    if check.metric != "answerable":
        own = domain_model(_domain(check)) if _domain(check) else ""
        if own in candidates:
            return (own,)
        shared = tuple(model for model in SHARED if model in candidates)
        if shared:
            return shared
    return tuple(candidates)


def refused(checks: Sequence[Check], candidates: Collection[str], *, final: bool) -> frozenset[str]:
    """The candidates that may not be pushed.

    Domains' figures refuse their models; what else fails may be their fault, so the rest is judged again
    before the shared models are refused. Where more than half of the domains that were checked fail, it is
    the other way round.

    Args:
        checks: Of one judgement, each with what it speaks of.
        candidates: What was judged.
        final: The rest is not judged again: any failure refuses everything.
    """
    failed = [check for check in checks if not check.passed]
    if not failed:
        return frozenset()
    shared = frozenset(SHARED).intersection(candidates)
    domains = {model for check in failed for model in check.models} - {*SHARED}
    checked = {_domain(check) for check in checks if _domain(check)}
    bad = {_domain(check) for check in failed if _domain(check)}
    if final or any(check.models == tuple(candidates) for check in failed):
        return frozenset(candidates)
    if domains and not (shared and len(bad) > len(checked) / 2 and len(bad) > 1):
        return frozenset(domains)
    return shared or frozenset(candidates)


def _domain(check: Check) -> str:
    """The domain whose requests were checked; '' for all requests."""
    return split_name(check.slice).get("domain", "")
