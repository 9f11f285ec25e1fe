"""What the model of a domain can say: its intents and slots, and which of them each skill declares."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.skill import Intent, Skill

NO_INTENT = ""
"""Stands for "no intent": that of a skill which declares none, or of a request that wants nothing done."""

Bools = npt.NDArray[np.bool_]


class DeclaredIntent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An intent that a skill may be read with, and the slots that it may fill, by number."""

    intent: int
    slots: tuple[int, ...] = ()


class DomainSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The intents and slots of one domain.

    Shapes: K skills, I intents, S slots.

    Attributes:
        domain: Its name.
        skill_ids: K, those that the model knows.
        intents: I, the model's classes in order; `NO_INTENT` may be one.
        slots: S names; a word's kind is 0 for none of them, else 1 + the slot's number.
        declared: For each skill what it may be read as; at least one intent.
    """

    domain: str
    skill_ids: tuple[str, ...]
    intents: tuple[str, ...]
    slots: tuple[str, ...]
    declared: tuple[tuple[DeclaredIntent, ...], ...]

    @property
    def tags(self) -> int:
        """Number of tags: outside, and for each slot its first word and those that follow it."""
        return 1 + 2 * len(self.slots)

    def intent_mask(self) -> Bools:
        """Whether a skill declares an intent: bool [K, I]."""
        mask = np.zeros((len(self.skill_ids), len(self.intents)), np.bool_)
        for row, declared in enumerate(self.declared):
            mask[row, [each.intent for each in declared]] = True
        return mask

    def kind_mask(self) -> Bools:
        """Whether a word may be of a kind, by skill and intent: bool [K, I, 1 + S]; kind 0 always."""
        mask = np.zeros((len(self.skill_ids), len(self.intents), 1 + len(self.slots)), np.bool_)
        mask[..., 0] = True
        for row, declared in enumerate(self.declared):
            for each in declared:
                mask[row, each.intent, [1 + slot for slot in each.slots]] = True
        return mask

    def in_names(self) -> tuple[tuple[Intent, ...], ...]:
        """What each skill may be read as, by name: K."""
        return tuple(
            tuple(
                Intent(name=self.intents[each.intent], slots=tuple(self.slots[slot] for slot in each.slots))
                for each in declared
            )
            for declared in self.declared
        )


def domain_schema(domain: str, skills: Iterable[Skill], *, no_intent: bool) -> DomainSchema:
    """The schema of a domain from the skills of its catalogue, in their order; names are sorted.

    Args:
        skills: Those of other domains are passed over.
        no_intent: Whether requests of the domain may have no intent though their skill declares some. Such a
            request may fill any slot of its skill.

    Raises:
        ValueError: No skill is of the domain.
    """
    own = [skill for skill in skills if skill.domain == domain]
    if not own:
        raise ValueError(f"`domain` must have a skill in the catalogue. Received: domain={domain!r}")
    bare = any(not skill.intents for skill in own)
    intents = sorted({intent.name for skill in own for intent in skill.intents} | {NO_INTENT})
    if not (no_intent or bare):
        intents.remove(NO_INTENT)
    slots = sorted({slot for skill in own for intent in skill.intents for slot in intent.slots})

    return DomainSchema(
        domain=domain,
        skill_ids=tuple(skill.skill_id for skill in own),
        intents=tuple(intents),
        slots=tuple(slots),
        declared=tuple(readings_of(skill, intents, slots, no_intent=no_intent) for skill in own),
    )


def readings_of(
    skill: Skill, intents: Sequence[str], slots: Sequence[str], *, no_intent: bool
) -> tuple[DeclaredIntent, ...]:
    """What a skill may be read as by a model that knows these intents and slots; others it cannot find.

    Args:
        no_intent: As in `domain_schema`.
    """
    named = {intent.name: set(intent.slots) for intent in skill.intents}
    if no_intent or not named:
        named[NO_INTENT] = {slot for intent in skill.intents for slot in intent.slots}
    return tuple(
        DeclaredIntent(intent=number, slots=tuple(n for n, slot in enumerate(slots) if slot in named[name]))
        for number, name in enumerate(intents)
        if name in named
    )
