"""What a request teaches: a right skill, a wrong one, or nothing, and where that comes from."""

import msgspec

from components.records.request import Request

SOURCES = ("annotated", "invocation", "feedback", "none")
"""annotated: the record's own `skill_id`; invocation: the customer named the skill; feedback: the skill
failed; none: nothing is known, or no skill can serve it."""


class Label(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The training signal of one request, with its provenance.

    Attributes:
        text: What a model may read: the utterance without wake word, carrier and skill name.
        skill_id: A right skill, if one is known.
        negative_skill: A skill known to be wrong; nothing is said about any other.
        source: One of `SOURCES`.
        rule: Name and version of the rule that decided.
    """

    text: str
    skill_id: str | None = None
    negative_skill: str | None = None
    source: str = "none"
    rule: str = ""

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"`source` must be one of {SOURCES}. Received: source={self.source!r}")
        if self.skill_id is not None and self.negative_skill is not None:
            raise ValueError(
                "`skill_id` and `negative_skill` exclude each other. "
                f"Received: skill_id={self.skill_id!r}, negative_skill={self.negative_skill!r}"
            )


class LabelledRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what it teaches."""

    request: Request
    label: Label
