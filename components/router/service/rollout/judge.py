"""What a canary's live figures say: the candidates' arm against those in service."""

import math
from collections.abc import Iterable, Mapping

import msgspec

from components.router.service.feedback.journal import Line
from components.router.service.rollout.clustered import Mean, difference, mean, surely_above
from components.router.service.rollout.outcomes import customer_of, went_well
from components.router.service.rollout.tally import Tally

STABLE_ARM, CANARY_ARM = "stable", "canary"


class LiveRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a canary may be promoted.

    Attributes:
        least_outcomes: That feedback must tell of, in each arm.
        least_customers: That they must come from, in each arm.
        most_slower: How often the time of those in service that 99 % of the candidates' decisions may take.
        most_fell_back: Share of the candidates' requests that those in service may have to answer for them.
    """

    least_outcomes: int = 100
    least_customers: int = 20
    most_slower: float = 1.25
    most_fell_back: float = 0.01

    def __post_init__(self) -> None:
        for name in ("least_outcomes", "least_customers"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={getattr(self, name)}")
        if self.most_slower < 1.0:
            raise ValueError(f"`most_slower` must be at least 1. Received: most_slower={self.most_slower}")
        if not 0.0 <= self.most_fell_back <= 1.0:
            raise ValueError(
                f"`most_fell_back` must lie in 0 to 1. Received: most_fell_back={self.most_fell_back}"
            )


class ArmFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One arm. Shares are None where there is nothing to take them of.

    Attributes:
        requests: Answered.
        refused, degraded, fell_back: Shares of them.
        p50_ms, p99_ms: Of a decision.
        outcomes: Requests that feedback tells something of; `customers`: whose they are.
        right: Share of them that went well.
    """

    requests: int
    refused: float | None
    degraded: float | None
    fell_back: float | None
    p50_ms: float | None
    p99_ms: float | None
    outcomes: int
    customers: int
    right: float | None


class CanaryFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A canary's figures.

    Attributes:
        arms: Those in service, and the candidates.
        change: Of `right`, the candidates less those in service; `low`, `high`: its 95 % interval.
        verdict: `better`, `worse`, `same` where chance may have done it, or `too few`.
        refusals: Why it is not to be promoted; empty: it may be.
        words: In a sentence.
    """

    arms: dict[str, ArmFigures]
    change: float | None
    low: float
    high: float
    verdict: str
    refusals: tuple[str, ...]
    words: str


def judge_canary(tallies: Mapping[str, Tally], lines: Iterable[Line], rule: LiveRule) -> CanaryFigures:
    """The figures of one stage.

    Args:
        tallies: What the routers counted of it.
        lines: What feedback says.
    """
    values: dict[str, list[tuple[str, float]]] = {STABLE_ARM: [], CANARY_ARM: []}
    for line in lines:
        well = went_well(line)
        if well is not None and line.live is not None:
            values[line.live.arm].append((customer_of(line), float(well)))
    means = {arm: mean(own) for arm, own in values.items()}
    counted = {arm: tallies.get(arm, Tally()) for arm in values}
    low, high = difference(means[STABLE_ARM], means[CANARY_ARM])
    few = [
        f"{arm}: {found.requests:,} outcomes of {found.customers:,} customers"
        for arm, found in means.items()
        if found.requests < rule.least_outcomes or found.customers < rule.least_customers
    ]
    verdict = "too few" if few else "worse" if high < 0.0 else "better" if low > 0.0 else "same"
    refusals = _refusals(counted, rule)
    if few:
        least = f"{rule.least_outcomes:,} outcomes of {rule.least_customers:,} customers"
        refusals = (f"too little feedback ({'; '.join(few)}; needed: {least} in each arm)", *refusals)
    change = means[CANARY_ARM].value - means[STABLE_ARM].value
    said = f"{100 * change:+.2f} points, 95 % interval {100 * low:+.2f} to {100 * high:+.2f}"
    if verdict == "worse":
        refusals = (f"fewer requests go well ({said})", *refusals)
    return CanaryFigures(
        arms={arm: _figures(counted[arm], means[arm]) for arm in values},
        change=None if math.isnan(change) else change,
        low=low,
        high=high,
        verdict=verdict,
        refusals=refusals,
        words=_words(verdict, said, refusals),
    )


def _refusals(tallies: Mapping[str, Tally], rule: LiveRule) -> tuple[str, ...]:
    """What the counts say against the candidates, beyond what chance explains."""
    stable, canary = tallies[STABLE_ARM], tallies[CANARY_ARM]
    found = []
    usual = stable.quantile(0.99)
    if usual is not None:
        over = canary.slower_than(usual * rule.most_slower)
        if surely_above(over, canary.requests, 0.01):
            found.append(
                f"slower (99 % within {_ms(canary.quantile(0.99)):.1f} ms, in service {_ms(usual):.1f} ms)"
            )
    if surely_above(canary.fell_back, canary.requests, rule.most_fell_back):
        found.append(f"the candidates could not answer {canary.fell_back:,} of {canary.requests:,} requests")
    return tuple(found)


def _figures(tally: Tally, found: Mean) -> ArmFigures:
    def share(count: int) -> float | None:
        return count / tally.requests if tally.requests else None

    return ArmFigures(
        requests=tally.requests,
        refused=share(tally.requests - tally.accepted),
        degraded=share(tally.degraded),
        fell_back=share(tally.fell_back),
        p50_ms=_ms(tally.quantile(0.5)) if tally.bins else None,
        p99_ms=_ms(tally.quantile(0.99)) if tally.bins else None,
        outcomes=found.requests,
        customers=found.customers,
        right=found.value if found.requests else None,
    )


def _ms(seconds: float | None) -> float:
    return math.nan if seconds is None else seconds * 1e3


def _words(verdict: str, said: str, refusals: tuple[str, ...]) -> str:
    if refusals:
        return f"Not to be promoted: {'; '.join(refusals)}."
    if verdict == "better":
        return f"More requests go well ({said})."
    return f"No difference beyond chance in how many requests go well ({said})."
