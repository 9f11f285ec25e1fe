"""`arbiter.json`: what a version folder says about its model beside the weights."""

import math
from typing import Any

import msgspec

from components.records.reranker import Reranker
from components.records.skill import Intent

FORMAT = 1

MOST_LEAD = 20.0
"""The lead of a best candidate over the runner-up counts up to this."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From scores (log-odds) to confidences: the sigmoid of

        slope · score + lead · (best - second) + margin · (score - best) + intercept

    and of `behind` more for all but the best. The best candidate of a request is judged by its score and by
    its lead over the runner-up: the same score means less where another is as good. A runner-up is also
    judged by that it is one and by how far it is behind: the same score means less beside a much better one,
    or more where several are often right. A better score of a request never has a lower confidence.

    Attributes:
        slope, lead: Not negative; a lead counts up to `MOST_LEAD`. Without `lead` this is Platt's map.
        margin: -slope at least.
        intercept: Any finite number.
        behind: Not positive.

    Raises:
        ValueError: A number breaks its rule.
    """

    slope: float = 1.0
    margin: float = 0.0
    lead: float = 0.0
    intercept: float = 0.0
    behind: float = 0.0

    def __post_init__(self) -> None:
        for name, least in (("slope", 0.0), ("margin", -self.slope), ("lead", 0.0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"`{name}` must be at least {least}. Received: {getattr(self, name)}")
        if not self.behind <= 0.0:
            raise ValueError(f"`behind` must not be positive. Received: {self.behind}")

    def confidence(self, score: float, best: float, second: float | None = None) -> float:
        """The calibrated probability, in [0, 1]; safe for any finite score.

        Args:
            score: Of the candidate.
            best: Of the request's best candidate.
            second: Of the next best; None where there is no other, which counts as no lead.
        """
        ahead = 0.0 if second is None else min(best - second, MOST_LEAD)
        z = self.slope * score + self.lead * ahead + self.margin * (score - best) + self.intercept
        if score < best:
            z += self.behind
        if z >= 0:
            return 1.0 / (1.0 + math.exp(-z))
        odds = math.exp(z)
        return odds / (1.0 + odds)


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """When a request is refused, and what that promises.

    A model's `reject` score is the log-odds that no skill of the catalogue can serve the request: `weights` ·
    (best score, its lead over the runner-up, log Σ exp of all scores, length of the request vector) +
    `intercept`. Accepted is what stays below `threshold`.

    Attributes:
        weights, intercept: Of the reject score, as the model has them built in.
        threshold: Of the reject score.
        false_acceptance: The stated share of out-of-scope requests that may be accepted.
        certainty: That of `bound`.
        bound: Upper confidence bound of the share that is accepted; above `false_acceptance` only where there
            were too few out-of-scope requests to promise as much.
        false_rejection: Share of in-scope requests that are refused, as measured beside it.
        out_of_scope, in_scope: Requests that `bound` and `false_rejection` rest on.
    """

    weights: tuple[float, float, float, float]
    intercept: float
    threshold: float
    false_acceptance: float
    certainty: float
    bound: float
    false_rejection: float
    out_of_scope: int
    in_scope: int

    def accepts(self, reject: float) -> bool:
        """Whether a request with this reject score is accepted."""
        return reject < self.threshold


class SkillNames(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one skill is called: its display name and the invocations that it declares (see `Skill`)."""

    name: str | None = None
    invocations: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of `arbiter.json`.

    Attributes:
        format: Number of this layout; a reader refuses one it does not know.
        kind: `shortlister`, `domain` or `hyprank`.
        skill_ids: In the row order of the model's output layer.
        domains: The domain of each skill, in the same order.
        calibration: From score to confidence.
        refusal: When a request is refused; absent: nothing is, for the reason in `no_refusal`.
        no_refusal: Why no refusal was learned.
        intents: What each skill may be read as, in the same order; of a domain model. An intent "" is none.
        prior: The share of own requests that a domain model's score assumes.
        names: How each skill is called, in the same order; empty: nothing is known of names.
        named_confidence: The probability that a skill which a request names outright is the right one;
            absent: names decide nothing.
        reranker: Of a domain: its re-ranker, trained on this version's scores.
        candidates: Of HypRank: how many of the Shortlister's candidates its lists were made of.
        catalogue_hash: Of the catalogue the model was trained on.
        lineage: Where the model comes from: data fingerprint, seed, package versions, run.
        options: The options it was trained with.
        metrics: Figures at export, such as the dev accuracy.
    """

    kind: str
    skill_ids: tuple[str, ...]
    domains: tuple[str, ...]
    calibration: Calibration
    catalogue_hash: str
    format: int = FORMAT
    refusal: Refusal | None = None
    no_refusal: str | None = None
    intents: tuple[tuple[Intent, ...], ...] = ()
    prior: float | None = None
    names: tuple[SkillNames, ...] = ()
    named_confidence: float | None = None
    reranker: Reranker | None = None
    candidates: int | None = None
    lineage: dict[str, str] = {}
    options: dict[str, Any] = {}
    metrics: dict[str, float] = {}

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(
                f"`format` must be {FORMAT}: another Arbiter wrote this folder. Received: {self.format}"
            )
        if len(self.skill_ids) != len(self.domains):
            raise ValueError(
                "`domains` must name one domain per skill. "
                f"Received: {len(self.domains)} for {len(self.skill_ids)} skills"
            )
        if self.names and len(self.names) != len(self.skill_ids):
            raise ValueError(
                "`names` must have one entry per skill, or none at all. "
                f"Received: {len(self.names)} for {len(self.skill_ids)} skills"
            )
        if self.intents and len(self.intents) != len(self.skill_ids):
            raise ValueError(
                "`intents` must have one entry per skill, or none at all. "
                f"Received: {len(self.intents)} for {len(self.skill_ids)} skills"
            )
        if self.candidates is not None and self.candidates < 1:
            raise ValueError(f"`candidates` must be positive. Received: candidates={self.candidates}")
        if self.named_confidence is not None and not 0.0 <= self.named_confidence <= 1.0:
            raise ValueError(
                f"`named_confidence` must lie in 0 to 1. Received: named_confidence={self.named_confidence}"
            )
