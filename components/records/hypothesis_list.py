"""The hypotheses of one request before a ranker orders them, and how each compares with the truth."""

import msgspec

from components.records.prediction import Scores
from components.records.request import Request, Slot
from components.records.semantic_errors import Frame, slot_values


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the truth says of one hypothesis.

    Attributes:
        skill_right: Whether routing to the skill is right: it is `skill_id`, one of `also_correct` or a
            pseudo-label. The event that HypRank's confidence is about.
        right: Whether skill, intent and all slots are right, the skill being `skill_id` or a pseudo-label.
            The event that a re-ranker's score is about (R2).
        errors: Semantic errors against the reference frame; None where there is no frame to compare with: the
            skill is right beside `skill_id`, or nobody knows the request's frame.
    """

    skill_right: bool
    right: bool
    errors: int | None = None


class ReadCandidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One hypothesis of a list: a candidate as its domain model reads it.

    Attributes:
        skill_id, domain: Of the candidate. A list may hold several readings of one skill.
        intent: None where the reading has none: a skill without intents, a request that wants nothing done,
            or a skill that no served domain model knows.
        slots: As found in the utterance.
        scores: `shortlister` as log-odds that the skill is right; `domain` as log-odds that the request
            belongs to the domain, within ±20; `intent` as log-probability and `slots` as the mean
            log-probability of a word's tag, neither below -20. `domain` is absent where the domain has no
            model, the other two also where its served version does not know the skill.
        judgement: Absent on live requests, and where nothing is known of the skill: an unlabelled request, or
            another skill than the one that failed.
    """

    skill_id: str
    domain: str
    intent: str | None = None
    slots: tuple[Slot, ...] = ()
    scores: Scores = Scores()
    judgement: Judgement | None = None

    @property
    def frame(self) -> Frame:
        return Frame(
            skill_id=self.skill_id, domain=self.domain, intent=self.intent, slots=slot_values(self.slots)
        )


class HypothesisList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All hypotheses of one request, in the Shortlister's order and, within a skill, the likelier first.

    Attributes:
        request: With its context: device, locale, enabled and recent skills, what came before. A ranker reads
            nothing of it that a live request lacks (`skill_id`, `intent`, `slots`, `also_correct`, `outcome`,
            `context.new_intent`).
        hypotheses: May be empty.
        reject: The Shortlister's log-odds that no skill can serve the request.
        pseudo_labels: Further right skills of the request as the learning loop found them.
    """

    request: Request
    hypotheses: tuple[ReadCandidate, ...]
    reject: float | None = None
    pseudo_labels: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """1 + slots of the truth: SemER of a hypothesis is its judgement's `errors` over this."""
        return 1 + len(self.request.slots)

    def semer(self, hypothesis: ReadCandidate) -> float | None:
        """SemER of one of the hypotheses; None where it has no frame to compare with."""
        judgement = hypothesis.judgement
        if judgement is None or judgement.errors is None:
            return None
        return judgement.errors / self.size
