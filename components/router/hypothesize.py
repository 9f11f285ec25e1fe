"""From requests to hypothesis lists: candidates read by their domains' models, in batch and live alike."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from components.records.domain_signature import (
    SkillReading,
    domain_inputs,
    domain_model,
    read_readings,
)
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.prediction import Scores
from components.records.request import Request, Slot
from components.router.models import Models
from components.router.shortlist import Shortlist, shortlists

MOST = 20.0
"""The domain's log-odds are kept within ± this."""


class _DomainAnswer(NamedTuple):
    """What a domain model says of a request: its own score, and the readings by skill."""

    score: float
    skills: dict[str, list[SkillReading]]


_UNREAD = (SkillReading(intent=None, slots=(), intent_score=None, slot_score=None),)


def hypothesize(models: Models, requests: Sequence[Request], *, k: int) -> list[HypothesisList]:
    """The hypotheses of each request, in the requests' order; see `HypothesisList` for theirs.

    It reads what a live request has and nothing that is known afterwards; see `compose`. A skill that the
    request names outright is a candidate whatever the Shortlister says, the last one giving way if need be;
    its score is absent where the Shortlister did not propose it. Models read the command alone then; slots
    are places in the utterance all the same. A candidate whose domain has no model, or one that does not know
    the skill, gets one hypothesis with the skill only.

    Args:
        k: Candidates of a request; fewer where the Shortlister knows fewer.

    Raises:
        ValueError: `k` is not positive, or the Shortlister names a skill that its manifest lacks.
    """
    if k < 1:
        raise ValueError(f"`k` must be positive. Received: k={k}")
    found = shortlists(models, requests, k=k)
    asked = [_asked(shortlist, k) for shortlist in found]
    texts = [
        request.utterance if shortlist.named is None else shortlist.named.text
        for request, shortlist in zip(requests, found, strict=True)
    ]
    readings = _read(models, texts, asked)
    return [
        HypothesisList(
            request=request,
            hypotheses=tuple(
                hypothesis
                for candidate in own
                for hypothesis in _hypotheses(
                    candidate, read.get(candidate.domain), request.utterance.rfind(text)
                )
            ),
            reject=shortlist.reject,
        )
        for request, shortlist, text, own, read in zip(requests, found, texts, asked, readings, strict=True)
    ]


class _Asked(NamedTuple):
    """A skill that is to be read; `score` is the Shortlister's, None where it did not propose the skill."""

    skill_id: str
    domain: str
    score: float | None


def _asked(shortlist: Shortlist, k: int) -> list[_Asked]:
    named = shortlist.named
    asked = [_Asked(*candidate) for candidate in shortlist.candidates]
    if named is None or any(candidate.skill_id == named.skill_id for candidate in asked):
        return asked
    return [*asked[: k - 1], _Asked(named.skill_id, shortlist.release.domains[named.skill_id], None)]


def _read(
    models: Models, texts: Sequence[str], asked: Sequence[Sequence[_Asked]]
) -> list[dict[str, _DomainAnswer]]:
    """For each request the answers of the domains that have a candidate and a model; one call a domain."""
    rows_of: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for row, candidates in enumerate(asked):
        for candidate in candidates:
            rows_of[candidate.domain].setdefault(row, []).append(candidate.skill_id)
    found: list[dict[str, _DomainAnswer]] = [{} for _ in texts]
    for domain, rows in rows_of.items():
        model = domain_model(domain)
        if models.serves(model):
            inputs = domain_inputs([texts[row] for row in rows], list(rows.values()))
            answers = read_readings(models.run(model, inputs).outputs)
            for (row, skills), answer in zip(rows.items(), answers, strict=True):
                score = min(max(answer.domain_score, -MOST), MOST)
                found[row][domain] = _DomainAnswer(score, dict(zip(skills, answer.skills, strict=False)))
    return found


def _hypotheses(asked: _Asked, answer: _DomainAnswer | None, offset: int) -> Iterator[ReadCandidate]:
    """The readings of a candidate; `offset` is where the text that was read begins in the utterance."""
    for reading in _UNREAD if answer is None else answer.skills[asked.skill_id]:
        yield ReadCandidate(
            skill_id=asked.skill_id,
            domain=asked.domain,
            intent=reading.intent,
            slots=tuple(
                Slot(name=slot.name, value=slot.value, start=slot.start + offset, end=slot.end + offset)
                for slot in reading.slots
            ),
            scores=Scores(
                shortlister=asked.score,
                domain=None if answer is None else answer.score,
                intent=reading.intent_score,
                slots=reading.slot_score,
            ),
        )
