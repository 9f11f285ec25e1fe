"""What a request that says which skills it may be routed to lets through."""

from collections.abc import Container, Iterator, Sequence

import msgspec

from components.records.hypothesis_list import ReadCandidate
from components.records.request import Request


def offers(request: Request, skill_id: str | None) -> bool:
    """Whether the request may be routed to the skill."""
    return not request.skills or any(skill.skill_id == skill_id for skill in request.skills)


def unknown_skills(request: Request, known: Container[str]) -> tuple[str, ...]:
    """The skills to choose among that are not known, in the request's order."""
    return tuple(skill.skill_id for skill in request.skills if skill.skill_id not in known)


def offered_readings(request: Request, readings: Sequence[ReadCandidate]) -> Iterator[ReadCandidate]:
    """The readings of one skill that the request offers: of its intents, with their slots alone.

    Where none is left, the skill alone, with the scores that do not speak of a reading.

    Args:
        readings: At least one.
    """
    own = next((skill for skill in request.skills if skill.skill_id == readings[0].skill_id), None)
    if own is None or not own.intents:
        yield from readings
        return
    slots_of = {intent.name: intent.slots for intent in own.intents}
    found = False
    for reading in readings:
        if reading.intent in slots_of:
            found = True
            names = slots_of[reading.intent]
            yield msgspec.structs.replace(
                reading, slots=tuple(slot for slot in reading.slots if slot.name in names)
            )
    if not found:
        scores = msgspec.structs.replace(readings[0].scores, intent=None, slots=None)
        yield msgspec.structs.replace(readings[0], intent=None, slots=(), scores=scores)
