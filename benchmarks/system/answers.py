"""The best answer to each request, as a ranker gives it, and what the truth says of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.judge import reference_frame
from components.records.logistic import sigmoid
from components.records.prediction import Hypothesis
from components.records.request import Request
from components.records.reranker import Reranker, rerank
from components.records.semantic_errors import Frame, semantic_errors, slot_values

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What one request was answered.

    Attributes:
        best: None: nothing was proposed.
        confidence: Of its event: that the skill is right, or that the whole hypothesis is.
    """

    request: Request
    best: ReadCandidate | Hypothesis | None
    confidence: float


@dataclass(frozen=True)
class Judged:
    """N answers against the truth; requests without a right skill are left out.

    Attributes:
        domain: Of each answer; "" for none.
        confidence: As the ranker says it.
        skill: Whether the skill is `skill_id`.
        any_skill: Whether it is that or one of `also_correct`.
        right_domain: Whether the answer's domain is that of `skill_id`.
        framed: Whether there is a frame to compare with: not for another right skill.
        intent: Whether domain and intent are right.
        errors, size: Semantic errors, and 1 + slots of the truth.
        found, true, hit: Slots of the answer, of the truth, and those that both have.
        groups: The customer of each, or the request itself.
        requests: As given.
    """

    domain: npt.NDArray[np.str_]
    confidence: Floats
    skill: Bools
    any_skill: Bools
    right_domain: Bools
    framed: Bools
    intent: Bools
    errors: Floats
    size: Floats
    found: Floats
    true: Floats
    hit: Floats
    groups: npt.NDArray[np.str_]
    requests: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.requests)

    def of(self, rows: Bools) -> "Judged":
        """Those where `rows` [N] holds."""
        kept: dict[str, Any] = {name: values[rows] for name, values in vars(self).items()}
        return Judged(**kept)

    @property
    def whole(self) -> Bools:
        """Whether skill, intent and all slots are right."""
        right: Bools = self.framed & (self.errors == 0)
        return right


def by_reranker(lists: Iterable[HypothesisList], rerankers: Mapping[str, Reranker]) -> list[Answer]:
    """The hypothesis of each list that its domain's re-ranker finds likeliest over all domains."""
    return [_likeliest(rerank(listed, rerankers)) for listed in lists]


def _likeliest(listed: HypothesisList) -> Answer:
    if not listed.hypotheses:
        return Answer(listed.request, None, 0.0)
    best = listed.hypotheses[0]
    odds = best.scores.reranker if best.scores.reranker is not None else best.scores.shortlister
    return Answer(listed.request, best, 0.0 if odds is None else float(sigmoid(np.array(odds))))


def judge(answers: Iterable[Answer], domain_of: Mapping[str, str]) -> Judged:
    """Compares answers with the truth.

    Args:
        domain_of: Skill id to domain.
    """
    requests = []
    domains: list[str] = []
    rows: list[tuple[float, ...]] = []
    for answer in answers:
        request, best = answer.request, answer.best
        frame = reference_frame(request, domain_of.get(request.skill_id or "", ""))
        if frame is None:
            continue
        read = None if best is None else _frame(best)
        errors = semantic_errors(frame, read)
        found = () if read is None else read.slots
        skill = read is not None and read.skill_id == frame.skill_id
        any_skill = skill or (read is not None and read.skill_id in request.also_correct)
        domain = read is not None and read.domain == frame.domain
        intent = read is not None and domain and read.intent == frame.intent
        hit = (Counter(frame.slots) & Counter(found)).total()
        requests.append(request)
        domains.append("" if read is None else read.domain)
        flags = (skill, any_skill, domain, skill or not any_skill, intent)
        numbers = (answer.confidence, errors.total, errors.size, len(found), len(frame.slots), hit)
        rows.append((*flags, *numbers))
    table = np.array(rows, np.float64).reshape(len(rows), 11)
    skill, any_skill, right_domain, framed, intent = table[:, :5].astype(bool).T
    confidence, errors, size, found, true, hit = table[:, 5:].T
    return Judged(
        domain=np.array(domains, str),
        confidence=confidence,
        skill=skill,
        any_skill=any_skill,
        right_domain=right_domain,
        framed=framed,
        intent=intent,
        errors=errors,
        size=size,
        found=found,
        true=true,
        hit=hit,
        groups=np.array([request.customer_id or request.request_id for request in requests], str),
        requests=np.fromiter(requests, object, len(requests)),
    )


def _frame(best: ReadCandidate | Hypothesis) -> Frame:
    return Frame(
        skill_id=best.skill_id, domain=best.domain, intent=best.intent, slots=slot_values(best.slots)
    )
