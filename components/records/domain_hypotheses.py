"""From what a domain model says of a request to hypotheses, the same for all who ask."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Self

from components.records.domain_signature import DomainReading, SkillReading
from components.records.hypothesis_list import ReadCandidate
from components.records.prediction import Scores
from components.records.request import Slot

MOST = 20.0
"""The domain's log-odds are kept within ± this."""

_UNREAD = (SkillReading(intent=None, slots=(), intent_score=None, slot_score=None),)


class Proposed(NamedTuple):
    """A skill that is to be read; `score` is the Shortlister's, None where it did not propose the skill."""

    skill_id: str
    domain: str
    score: float | None


class DomainAnswer(NamedTuple):
    """What a domain model says of a request: its own score, and the readings by skill."""

    score: float
    skills: Mapping[str, Sequence[SkillReading]]

    @classmethod
    def of(cls, reading: DomainReading, skill_ids: Sequence[str]) -> Self:
        """The answer to a request for these skills."""
        score = min(max(reading.domain_score, -MOST), MOST)
        return cls(score, dict(zip(skill_ids, reading.skills, strict=False)))


def domain_hypotheses(
    proposed: Proposed, answer: DomainAnswer | None, *, offset: int
) -> Iterator[ReadCandidate]:
    """The readings of a skill; without an answer one with the skill only.

    Args:
        offset: Where the text that was read begins in the utterance.
    """
    for reading in _UNREAD if answer is None else answer.skills[proposed.skill_id]:
        yield ReadCandidate(
            skill_id=proposed.skill_id,
            domain=proposed.domain,
            intent=reading.intent,
            slots=tuple(
                Slot(name=slot.name, value=slot.value, start=slot.start + offset, end=slot.end + offset)
                for slot in reading.slots
            ),
            scores=Scores(
                shortlister=proposed.score,
                domain=None if answer is None else answer.score,
                intent=reading.intent_score,
                slots=reading.slot_score,
            ),
        )
