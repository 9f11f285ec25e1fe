"""A request: one utterance with its context, and what is known of how it was handled."""

from datetime import datetime

import msgspec

from components.records.errors import RecordError
from components.records.fields import MAX_UTTERANCE, check_text, require_utc
from components.records.skill import Intent

SPLITS = ("train", "rank", "dev", "test")
OUTCOMES = ("handled", "rejected", "out_of_scope", "unknown")

_MAX_INT64 = 2**63 - 1


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A typed value in the utterance: `value == utterance[start:end]`, counted in code points."""

    name: str
    value: str
    start: int
    end: int


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A skill that the customer used at an earlier time (UTC)."""

    skill_id: str
    timestamp: datetime

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "timestamp", require_utc("recent.timestamp", self.timestamp))


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What came before in the dialogue. `new_intent` is for slicing only; no prediction reads it."""

    previous_skill: str | None = None
    previous_intent: str | None = None
    turn: int | None = None
    new_intent: bool | None = None


class Routing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """How a router came to what the record says: it is in the records that a router writes from feedback.

    Attributes:
        chosen: The skill that it put first.
        models: The versions that answered, by model.
        explored: Whether the choice was drawn to explore.
        propensity: How likely the choice was to come first, in (0, 1]; a learner may weight by its inverse.
    """

    chosen: str | None = None
    models: dict[str, int] = {}
    explored: bool = False
    propensity: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.propensity <= 1.0:
            raise RecordError("bad_value", "routing.propensity", "must lie in (0, 1]", self.propensity)
        for model, version in self.models.items():
            if not 0 <= version <= _MAX_INT64:
                raise RecordError("bad_value", f"routing.models.{model}", "must be a version", version)


class OfferedSkill(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A skill that a request may be routed to, where the request says which.

    Attributes:
        intents: What it may be read as, and which slots of each; empty: as the models know it.
    """

    skill_id: str
    intents: tuple[Intent, ...] = ()

    def __post_init__(self) -> None:
        check_text("skills.skill_id", self.skill_id, required=True)
        for intent in self.intents:
            for text in (intent.name, *intent.slots):
                check_text("skills.intents", text, required=True)


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One line of `requests/*.jsonl`; absent and null mean the same.

    Attributes:
        request_id: Unique in the dataset.
        utterance: What was said, at most `MAX_UTTERANCE` code points.
        timestamp: When, UTC.
        customer_id: Who; splits never share a customer.
        enabled_skills: Skills the customer had enabled before the request.
        recent: What the customer used before the request; Ingest writes it.
        context: The dialogue so far.
        skills: To choose among; empty: all that the models know.
        skill_id: The skill that handled it; with outcome `rejected`, the skill that failed.
        also_correct: Other skills able to serve it; for measuring only.
        outcome: One of `OUTCOMES`.
        split: Pins the record to one of `SPLITS`.
        routing: Of a request that a router answered.
    """

    request_id: str
    utterance: str
    timestamp: datetime | None = None
    locale: str | None = None
    device: str | None = None
    customer_id: str | None = None
    enabled_skills: tuple[str, ...] = ()
    recent: tuple[Usage, ...] = ()
    context: Context = Context()
    skills: tuple[OfferedSkill, ...] = ()
    skill_id: str | None = None
    intent: str | None = None
    slots: tuple[Slot, ...] = ()
    also_correct: tuple[str, ...] = ()
    outcome: str | None = None
    split: str | None = None
    routing: Routing | None = None

    def __post_init__(self) -> None:
        check_text("request_id", self.request_id, required=True)
        check_text("utterance", self.utterance, required=True, limit=MAX_UTTERANCE)
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise RecordError("bad_value", "outcome", f"must be one of {', '.join(OUTCOMES)}", self.outcome)
        if self.split is not None and self.split not in SPLITS:
            raise RecordError("bad_value", "split", f"must be one of {', '.join(SPLITS)}", self.split)
        if self.outcome == "out_of_scope" and (self.skill_id is not None or self.also_correct):
            raise RecordError(
                "bad_value",
                "outcome",
                "out_of_scope names no right skill",
                self.skill_id or self.also_correct,
            )
        if self.outcome == "rejected" and self.skill_id is None:
            raise RecordError(
                "missing_field", "skill_id", "must name the skill that failed when outcome is rejected"
            )
        offered = [skill.skill_id for skill in self.skills]
        if len(set(offered)) != len(offered):
            raise RecordError("bad_value", "skills", "must name each skill once", offered)
        if self.context.turn is not None and not 0 <= self.context.turn <= _MAX_INT64:
            raise RecordError("bad_value", "context.turn", "must not be negative", self.context.turn)
        for i, slot in enumerate(self.slots):
            self._check_span(i, slot)
        if self.timestamp is not None:
            msgspec.structs.force_setattr(self, "timestamp", require_utc("timestamp", self.timestamp))

    def _check_span(self, i: int, slot: Slot) -> None:
        if not 0 <= slot.start < slot.end <= len(self.utterance):
            raise RecordError(
                "slot_span",
                f"slots[{i}]",
                f"must satisfy 0 <= start < end <= {len(self.utterance)}",
                (slot.start, slot.end),
            )
        if self.utterance[slot.start : slot.end] != slot.value:
            found = self.utterance[slot.start : slot.end]
            raise RecordError(
                "slot_span", f"slots[{i}].value", f"must equal utterance[start:end] {found!r}", slot.value
            )

    @property
    def correct_skills(self) -> frozenset[str]:
        """Every skill that is right for this request; empty where none is known.

        With `rejected`, `skill_id` is the skill that failed and only `also_correct` counts.
        """
        own = () if self.skill_id is None or self.outcome == "rejected" else (self.skill_id,)
        return frozenset((*own, *self.also_correct))
