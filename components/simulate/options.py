"""What a person may set about the simulated world."""

import msgspec

MAX_SKILLS = 200_000
"""As many as have a name of their own."""

_COUNTS = ("skills", "customers", "requests", "days", "shard_requests")
_SHARES = (
    "overlap",
    "noise",
    "inclusion",
    "taste",
    "invocations",
    "follow_ups",
    "rejected",
    "out_of_scope",
    "unknown",
    "new_skills",
    "private_templates",
)


class SimulateOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The size of the world and, by name, everything that makes it hard.

    The defaults are the difficulty that peers fixed (tests/simulate/test_difficulty.py); who changes one
    restates every table made on a simulated world.

    Attributes:
        skills: Skills in the catalogue, at most `MAX_SKILLS`.
        domains: Of the skills, as far as there are subjects and two skills for each; None: they grow with the
            skills.
        customers: Customers who may speak.
        requests: Requests written, exactly.
        seed: The same options and seed give the same bytes.
        overlap: Share of requests about what several skills of a domain serve; the rest is a skill's own.
        noise: Share of requests with a misspelled word.
        inclusion: Chance that the skill used is among those the customer had enabled before.
        enabled_mean: Mean length of the enabled list.
        taste: Share of a customer's enabled skills that come from the few domains they like.
        zipf: Exponent of the popularity of skills; 0 is flat.
        invocations: Share of requests that name the skill ("ask X to Y").
        follow_ups: Chance that a request continues the dialogue before it.
        rejected: Share of requests that reach a skill which cannot serve them.
        out_of_scope: Share of requests that no skill can serve.
        unknown: Share of requests without a label and an outcome.
        new_skills: Share of skills that appear during the period.
        drift: How far tastes and devices shift over the period: by its end the log of how much a skill is
            used has moved by `drift` times a standard normal number, one for each skill, and a quarter of
            `drift` is the share of the requests that moved to tablets and watches. At 0 nothing shifts.
        private_templates: Share of requests whose sentence template belongs to the customer's split alone.
        days: Length of the period.
        shard_requests: Requests a file.
        weekly: Files by week of the period, `week-00` the first, rather than of `shard_requests`.

    Raises:
        ValueError: A value outside its range.
    """

    skills: int = 1_500
    domains: int | None = None
    customers: int = 4_000
    requests: int = 40_000
    seed: int = 0
    overlap: float = 0.65
    noise: float = 0.1
    inclusion: float = 0.9
    enabled_mean: float = 8.5
    taste: float = 0.3
    zipf: float = 1.2
    invocations: float = 0.1
    follow_ups: float = 0.15
    rejected: float = 0.04
    out_of_scope: float = 0.04
    unknown: float = 0.04
    new_skills: float = 0.1
    drift: float = 0.0
    private_templates: float = 0.75
    days: int = 90
    shard_requests: int = 100_000
    weekly: bool = False

    def __post_init__(self) -> None:
        for name in _COUNTS:
            count = getattr(self, name)
            if count < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {name}={count}")
        if self.skills > MAX_SKILLS:
            raise ValueError(f"`skills` must be at most {MAX_SKILLS}. Received: skills={self.skills}")
        if self.domains is not None and self.domains < 1:
            raise ValueError(f"`domains` must be at least 1. Received: domains={self.domains}")
        if self.seed < 0:
            raise ValueError(f"`seed` must not be negative. Received: seed={self.seed}")
        for name in _SHARES:
            share = getattr(self, name)
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"`{name}` must lie in 0 to 1. Received: {name}={share}")
        if self.rejected + self.out_of_scope + self.unknown > 1.0:
            raise ValueError(
                "`rejected` + `out_of_scope` + `unknown` must be at most 1. "
                f"Received: {self.rejected} + {self.out_of_scope} + {self.unknown}"
            )
        if not 1.0 <= self.enabled_mean <= 100.0:
            raise ValueError(
                f"`enabled_mean` must lie in 1 to 100. Received: enabled_mean={self.enabled_mean}"
            )
        if not 0.0 <= self.drift <= 10.0:
            raise ValueError(f"`drift` must lie in 0 to 10. Received: drift={self.drift}")
        if not 0.0 <= self.zipf <= 3.0:
            raise ValueError(f"`zipf` must lie in 0 to 3. Received: zipf={self.zipf}")
