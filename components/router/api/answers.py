"""What the router answers; the JSON of its REST API."""

import msgspec

from components.records.prediction import Hypothesis
from components.router.explain import Explanation, ModelVersion


class RouteAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The answer to one request: a line of `arbiter predict`, and what a live answer says beside.

    Attributes:
        accepted: Whether the first hypothesis is to be acted on.
        hypotheses: Best first, at most one per skill.
        reject, none: As in `Prediction`.
        degraded: Domains, or `hyprank`, that had no say because their model did not answer.
        models: The versions that answered.
        unknown_skills: Those to choose among that the Shortlister does not know.
        explored: Whether the first hypothesis was drawn to explore.
        propensity: How likely the first hypothesis was to come first.
        explanation: Where it was asked for.
        arm: Where a canary is open, what answered: `stable` or `canary`.
    """

    request_id: str
    accepted: bool
    hypotheses: tuple[Hypothesis, ...]
    reject: float | None = None
    none: float | None = None
    degraded: tuple[str, ...] = ()
    models: tuple[ModelVersion, ...] = ()
    unknown_skills: tuple[str, ...] = ()
    explored: bool = False
    propensity: float = 1.0
    explanation: Explanation | None = None
    arm: str | None = None


class RouteResult(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The answer to one request of a batch, or what is wrong with the request."""

    answer: RouteAnswer | None = None
    error: str | None = None


class RouteBatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One result per request, in the order given."""

    results: tuple[RouteResult, ...]


class FeedbackAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The feedback is on disk."""

    request_id: str


class CustomerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the router's store knows of a customer."""

    enabled_skills: tuple[str, ...]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a call was not answered."""

    error: str
