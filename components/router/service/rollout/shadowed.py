"""What a shadow's word is worth, as far as the outcomes of other answers tell.

Feedback is on the answer that was served. Where the shadow says the same it holds for both. Where it says
something else, its own skill was never tried: it is right where feedback names that skill, wrong where it
names only another, though that skill might have served as well (so the shadow is measured too low), and
unknown where what was served has failed. Nothing here shows that candidates are better at what nobody tried:
a canary does.
"""

from collections.abc import Iterable, Mapping

import msgspec

from components.records.prediction import Prediction
from components.records.request import Request
from components.records.rollout import SHADOW
from components.router.service.feedback.journal import Line
from components.router.service.rollout.clustered import mean
from components.router.service.rollout.outcomes import customer_of
from components.router.service.rollout.shadow import chosen
from components.router.service.rollout.tally import Tally


class ShadowFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A shadow's figures.

    Attributes:
        asked, failed, dropped: Requests that it was asked, those of them that it did not answer, and those
            that came too fast to be asked.
        agreed: Share of those answered where it would act as was served.
        refused: Share of those answered that it would refuse.
        p50_ms, p99_ms: Of a decision, beside live traffic.
        served_p50_ms, served_p99_ms: The same of those that were served.
        outcomes, customers: Shadowed requests that feedback tells something of, and whose they are.
        both, served_alone, shadow_alone, neither: How many of them went right with which.
        unknown: Those where what was served failed and the shadow says something else.
        served_right: Share that was served right.
        change: The shadow's right less those served right, with the unknown taken for wrong; `low`, `high`:
            its 95 % interval by customer.
        at_best: The same change with the unknown taken for right.
        words: In a sentence.
    """

    asked: int
    failed: int
    dropped: int
    agreed: float | None
    refused: float | None
    p50_ms: float | None
    p99_ms: float | None
    served_p50_ms: float | None
    served_p99_ms: float | None
    outcomes: int
    customers: int
    both: int
    served_alone: int
    shadow_alone: int
    neither: int
    unknown: int
    served_right: float | None
    change: float | None
    low: float
    high: float
    at_best: float | None
    words: str


def judge_shadow(tallies: Mapping[str, Tally], lines: Iterable[Line]) -> ShadowFigures:
    """The figures of one stage.

    Args:
        tallies: What the routers counted of it.
        lines: What feedback says.
    """
    tally, stable = tallies.get(SHADOW, Tally()), tallies.get("stable", Tally())
    counts = {"both": 0, "served_alone": 0, "shadow_alone": 0, "neither": 0, "unknown": 0}
    changes: list[tuple[str, float]] = []
    for line in lines:
        if line.live is None or line.live.served is None or line.live.shadow is None:
            continue
        served, shadow = right(line.live.served, line.record), right(line.live.shadow, line.record)
        if served is None:
            continue
        counts[_case(served, shadow)] += 1
        changes.append((customer_of(line), float(shadow or False) - float(served)))
    found = mean(changes, ends=(-1.0, 1.0))
    low, high = found.interval
    answered = tally.requests - tally.fell_back
    size = len(changes)
    return ShadowFigures(
        asked=tally.requests,
        failed=tally.fell_back,
        dropped=tally.dropped,
        agreed=tally.agreed / answered if answered else None,
        refused=1.0 - tally.accepted / answered if answered else None,
        p50_ms=_ms(tally.quantile(0.5)),
        p99_ms=_ms(tally.quantile(0.99)),
        served_p50_ms=_ms(stable.quantile(0.5)),
        served_p99_ms=_ms(stable.quantile(0.99)),
        outcomes=size,
        customers=found.customers,
        **counts,
        served_right=(counts["both"] + counts["served_alone"]) / size if size else None,
        change=found.value if size else None,
        low=low,
        high=high,
        at_best=found.value + counts["unknown"] / size if size else None,
        words=_words(size, found.value, low, high, counts["unknown"]),
    )


def right(said: Prediction, record: Request) -> bool | None:
    """Whether a prediction is right, as far as the record's outcome tells; None: it does not."""
    skill = chosen(said)
    if record.outcome == "out_of_scope":
        return skill is None
    if record.correct_skills:
        return skill in record.correct_skills
    if record.outcome == "rejected" and skill == record.skill_id:
        return False
    return None


def _case(served: bool, shadow: bool | None) -> str:
    if shadow is None:
        return "unknown"
    if served:
        return "both" if shadow else "served_alone"
    return "shadow_alone" if shadow else "neither"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e3


def _words(size: int, change: float, low: float, high: float, unknown: int) -> str:
    if not size:
        return "No feedback yet on a request that the shadow was asked."
    return (
        f"On {size:,} requests with an outcome the shadow is right {100 * change:+.2f} points more often "
        f"than what was served (95 % interval {100 * low:+.2f} to {100 * high:+.2f}); "
        f"{100 * unknown / size:.2f} points more if its other choice would have served wherever what was "
        "served failed."
    )
