"""What the router keeps between requests: of customers, and of routed requests until their feedback comes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from components.records.examples import moment
from components.records.request import Request, Usage
from components.records.usage import used_before
from components.router.service.rollout.live import Live


class Routed(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A routed request as it is kept.

    Attributes:
        request: What the models read; nothing is known of its outcome.
        chosen: The skill that the answer puts first.
        accepted: Whether the answer said to act on it.
        models: The versions that answered, by model.
        explored, propensity: As in the answer.
        live: Where a rollout is open, the request's part in it.
    """

    request: Request
    chosen: str | None
    accepted: bool
    models: dict[str, int]
    explored: bool = False
    propensity: float = 1.0
    live: Live | None = None


class Uses(msgspec.Struct, frozen=True):
    """A customer's uses, ascending by time (microseconds since 1970)."""

    skills: tuple[str, ...] = ()
    times: tuple[int, ...] = ()

    def before(self, at: int) -> tuple[Usage, ...]:
        """What a request at `at` has for `recent`, by the rule of Ingest."""
        return tuple(
            Usage(skill_id=skill, timestamp=moment(time))
            for skill, time in used_before(self.skills, self.times, at)
        )


class StoreError(Exception):
    """The store does not answer. Its text may name places and is for logs."""


class Store(Protocol):
    """Safe for many threads. Every method may raise `StoreError`."""

    def enabled(self, customer_id: str) -> tuple[str, ...]:
        """The skills that the customer has enabled; none for one who is not known."""
        ...

    def enable(self, customer_id: str, skills: Sequence[str]) -> None:
        """Replaces the customer's enabled skills."""
        ...

    def uses(self, customer_id: str, before: int) -> Uses:
        """What the customer used before that time, the latest `MOST_USES`."""
        ...

    def used(self, request: Request) -> None:
        """Keeps what feedback says of a request's skill, in place of what was said of the request before."""
        ...

    def remember(self, routed: Sequence[Routed]) -> None:
        """Keeps routed requests; the later of two of one id."""
        ...

    def routed(self, request_id: str) -> Routed | None:
        """The routed request of that id."""
        ...

    def forget(self, before: int) -> None:
        """Drops routed requests of before that time."""
        ...

    def close(self) -> None:
        """Frees its connections."""
        ...


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)
