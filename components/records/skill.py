"""A skill: one thing that can handle a request."""

from datetime import datetime

import msgspec

from components.records.errors import RecordError
from components.records.fields import check_text, require_utc


class Intent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """An action that a skill supports, with the names of the slots it can fill."""

    name: str
    slots: tuple[str, ...] = ()


class Skill(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One line of `catalogue.jsonl`.

    Attributes:
        skill_id: Unique in the catalogue.
        domain: The one domain that the skill belongs to.
        name: What people call it.
        invocations: Further names that start it ("ask NAME to ...").
        description: Prose for people.
        examples: Utterances that it handles.
        intents: What it supports; empty where the catalogue does not say.
        locales: Where it is offered, such as `en-US`; empty means everywhere.
        rating: Mean rating by customers, 0 to 5.
        reviews: How many rated it.
        first_seen: When it first appeared, UTC.
    """

    skill_id: str
    domain: str
    name: str | None = None
    invocations: tuple[str, ...] = ()
    description: str | None = None
    examples: tuple[str, ...] = ()
    intents: tuple[Intent, ...] = ()
    locales: tuple[str, ...] = ()
    rating: float | None = None
    reviews: int | None = None
    first_seen: datetime | None = None

    def __post_init__(self) -> None:
        check_text("skill_id", self.skill_id, required=True)
        check_text("domain", self.domain, required=True)
        if self.rating is not None and not 0.0 <= self.rating <= 5.0:
            raise RecordError("bad_value", "rating", "must lie in 0 to 5", self.rating)
        if self.reviews is not None and self.reviews < 0:
            raise RecordError("bad_value", "reviews", "must not be negative", self.reviews)
        names = [intent.name for intent in self.intents]
        if len(set(names)) != len(names):
            raise RecordError("bad_value", "intents", "must name each intent once", names)
        if self.first_seen is not None:
            msgspec.structs.force_setattr(self, "first_seen", require_utc("first_seen", self.first_seen))
