"""What the system answers for one request: hypotheses, best first."""

import msgspec

from components.records.request import Slot


class Scores(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The score of each stage that ran, as log-odds or log-probabilities; absent: that stage did not run."""

    shortlister: float | None = None
    domain: float | None = None
    intent: float | None = None
    slots: float | None = None
    reranker: float | None = None
    hyprank: float | None = None


class Hypothesis(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A candidate as read by the system.

    Attributes:
        confidence: The calibrated probability that routing to `skill_id` is right.
    """

    skill_id: str
    domain: str
    intent: str | None = None
    slots: tuple[Slot, ...] = ()
    confidence: float
    scores: Scores = Scores()


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of `arbiter predict`.

    Attributes:
        accepted: Whether the best hypothesis is to be acted on: the request names its skill, or it is not
            likelier that none is right (HypRank), or that no skill can serve it (Shortlister alone).
            `hypotheses` is filled all the same.
        hypotheses: Best first, at most one per skill.
        reject: The Shortlister's log-odds that no skill can serve the request; absent where it has not learnt
            to refuse.
        none: HypRank's probability that no hypothesis is right; absent where it did not run.
    """

    request_id: str
    accepted: bool
    hypotheses: tuple[Hypothesis, ...]
    reject: float | None = None
    none: float | None = None

    @property
    def best(self) -> Hypothesis | None:
        return self.hypotheses[0] if self.hypotheses else None


class Unreadable(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The line that stands for a request that could not be read."""

    error: str
    request_id: str | None = None
    line: int | None = None
