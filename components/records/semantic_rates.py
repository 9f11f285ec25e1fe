"""Error rates of a system over many requests: SemER, F-SEMER, IRER, ICER and DCER."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from components.records.semantic_errors import Frame, SemanticErrors, semantic_errors


class FrameErrors(NamedTuple):
    """How one reading differs from its reference, in counts that add up over requests.

    Attributes:
        errors, size: Semantic errors, and 1 + slots of the reference.
        mirrored, mirrored_size: The same with the roles of reference and reading changed.
        intent_missed: Whether the intent, within its domain, was not the one predicted.
        domain_missed: Whether the domain was not.
    """

    errors: int
    size: int
    mirrored: int
    mirrored_size: int
    intent_missed: bool
    domain_missed: bool


def frame_errors(reference: Frame, reading: Frame | None) -> FrameErrors:
    """The counts of one pair; a reading of None is a refused request."""
    found, back = semantic_errors(reference, reading), _mirrored(reference, reading)
    return FrameErrors(
        errors=found.total,
        size=found.size,
        mirrored=back.total,
        mirrored_size=back.size,
        intent_missed=reading is None
        or (reading.domain, reading.intent) != (reference.domain, reference.intent),
        domain_missed=reading is None or reading.domain != reference.domain,
    )


class ErrorRates(msgspec.Struct, frozen=True, kw_only=True):
    """Rates over the requests that have a reference frame; all are 0 where there is none.

    Attributes:
        requests: That the rates rest on.
        without_frame: Requests left out: routed to another right skill, whose frame nobody wrote down.
        semer: Micro: Σ errors / Σ (1 + slots of the reference).
        f_semer: Harmonic mean of `semer` and of SemER with the roles of reference and reading changed.
        irer: Share with any error in skill, domain, intent or slots; 1 - IRER is the exact-match accuracy.
        icer: Share whose intent, within its domain, was not the one predicted.
        dcer: Share whose domain was not the one predicted.
        icer_by_intent: The same by domain and intent of the references; "" stands for no intent.
        dcer_by_domain: The same by domain of the references.
    """

    requests: int
    without_frame: int
    semer: float
    f_semer: float
    irer: float
    icer: float
    dcer: float
    icer_by_intent: dict[str, dict[str, float]]
    dcer_by_domain: dict[str, float]


def error_rates(pairs: Iterable[tuple[Frame, Frame | None]], *, without_frame: int = 0) -> ErrorRates:
    """The rates of (reference, reading) pairs; a reading of None is a refused request.

    Args:
        without_frame: Requests that the caller left out for want of a reference frame; passed on.
    """
    errors = mirrored = size = mirrored_size = wrong = 0
    intents: Counter[tuple[str, str | None]] = Counter()
    missed_intents: Counter[tuple[str, str | None]] = Counter()
    domains: Counter[str] = Counter()
    missed_domains: Counter[str] = Counter()
    for reference, reading in pairs:
        found = frame_errors(reference, reading)
        errors, size, wrong = errors + found.errors, size + found.size, wrong + (found.errors > 0)
        mirrored, mirrored_size = mirrored + found.mirrored, mirrored_size + found.mirrored_size
        intent = (reference.domain, reference.intent)
        intents[intent] += 1
        domains[reference.domain] += 1
        missed_intents[intent] += found.intent_missed
        missed_domains[reference.domain] += found.domain_missed
    requests = domains.total()
    by_intent: dict[str, dict[str, float]] = {domain: {} for domain in sorted(domains)}
    for domain, name in intents:
        by_intent[domain][name or ""] = missed_intents[domain, name] / intents[domain, name]
    semer = _share(errors, size)
    return ErrorRates(
        requests=requests,
        without_frame=without_frame,
        semer=semer,
        f_semer=harmonic_mean(semer, _share(mirrored, mirrored_size)),
        irer=_share(wrong, requests),
        icer=_share(missed_intents.total(), requests),
        dcer=_share(missed_domains.total(), requests),
        icer_by_intent=by_intent,
        dcer_by_domain={domain: missed_domains[domain] / domains[domain] for domain in sorted(domains)},
    )


def harmonic_mean(one: float, other: float) -> float:
    """Of SemER and its mirror: F-SEMER; 0 where both are."""
    return _share(2 * one * other, one + other)


def _mirrored(reference: Frame, reading: Frame | None) -> SemanticErrors:
    """The errors with the reading as the reference; a refusal, which has no slots, is wrong in its intent
    and inserts the rest."""
    if reading is None:
        return SemanticErrors(intent=1, slots=len(reference.slots), size=1)
    return semantic_errors(reading, reference)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
