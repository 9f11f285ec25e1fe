"""The one error that a bad record raises: which field, which rule, which value."""

from typing import Literal

Reason = Literal[
    "not_json",
    "invalid_utf8",
    "nul",
    "too_long",
    "unknown_field",
    "missing_field",
    "wrong_type",
    "bad_value",
    "bad_timestamp",
    "slot_span",
    "unknown_skill",
    "duplicate_id",
    "truncated_file",
]

_SHOWN = 80  # a dead letter shows the start of a value, never a megabyte of it


class RecordError(ValueError):
    """A record that breaks a rule of the dataset contract.

    Attributes:
        reason: Machine-readable class of the mistake; dead letters are counted by it.
        field: Path of the field, such as `slots[0].start`; empty for the whole record.
        rule: What must hold, in words.
        value: The start of the offending value as text, or empty where showing it says nothing.
    """

    def __init__(self, reason: Reason, field: str, rule: str, value: object = "") -> None:
        self.reason = reason
        self.field = field
        self.rule = rule
        self.value = _shorten(value)
        where = f"`{field}`" if field else "the record"
        received = f" Received: {self.value}" if self.value else ""
        super().__init__(f"{where} {rule}.{received}")


def _shorten(value: object) -> str:
    if value == "":
        return ""
    # Cut before repr: the value may be a megabyte long and hold anything.
    text = repr(value[:_SHOWN]) if isinstance(value, str | bytes) else repr(value)
    return text if len(text) <= _SHOWN + 2 else text[:_SHOWN] + "…"
