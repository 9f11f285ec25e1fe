"""What a customer used lately: the one rule for batch (Ingest) and live (the router's store)."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import TypeVar

from components.records.request import Request

WINDOW = 30 * 24 * 3600 * 1_000_000
"""Microseconds that count as lately: 30 days, the longest window that a model asks about."""

MOST_SKILLS = 32
"""Skills that are kept, the latest first."""

MOST_USES = 256
"""Uses that are looked at, the latest first, so that a busy customer costs no more than another."""

NO_TIME = 1 << 62
"""The time of a request without a timestamp, where every use that it carries counts as earlier."""

_Skill = TypeVar("_Skill", bound=Hashable)


def is_use(request: Request) -> bool:
    """Whether the request counts as a use of its skill: a skill handled it and did not fail."""
    return request.skill_id is not None and request.outcome != "rejected"


def used_before(skills: Sequence[_Skill], times: Sequence[int], at: int) -> list[tuple[_Skill, int]]:
    """The skills that the customer used before `at`, each with its latest use, the latest first.

    Args:
        skills: The skill of each use.
        times: When, in microseconds since 1970, ascending; as many as `skills`.
        at: The request's time. A use at `at` or later is not read.

    >>> used_before(["radio", "maps", "radio", "news"], [10, 20, 30, 40], at=40)
    [('radio', 30), ('maps', 20)]
    """
    earlier = bisect_left(times, at)
    latest: dict[_Skill, int] = {}
    for i in range(earlier - 1, max(earlier - 1 - MOST_USES, -1), -1):
        if at != NO_TIME and times[i] < at - WINDOW:
            break
        if skills[i] not in latest:
            latest[skills[i]] = times[i]
            if len(latest) == MOST_SKILLS:
                break
    return list(latest.items())
