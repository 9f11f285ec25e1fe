"""Rules that several record types share."""

from datetime import UTC, datetime

from components.records.errors import RecordError

MAX_UTTERANCE = 4096
"""Code points; longer than anything a person says, short enough for a batch of them to stay small."""

MAX_ID = 1024
"""Code points of an id or a name."""

_FIRST_TIME, _END_OF_TIME = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def check_text(field: str, value: str, *, required: bool = False, limit: int = MAX_ID) -> None:
    """Raises `RecordError` if `value` is blank (where required), holds a NUL, or is longer than `limit`."""
    if required and not value.strip():
        raise RecordError("bad_value", field, "must not be empty", value or '""')
    if "\x00" in value:
        raise RecordError("nul", field, "must not hold a NUL character", value)
    if len(value) > limit:
        raise RecordError("too_long", field, f"must have at most {limit} characters, has {len(value)}", value)


def require_utc(field: str, value: datetime) -> datetime:
    """`value` in UTC.

    Raises:
        RecordError: It has no offset (local times order nothing), or lies at an end of the calendar, where
            no month before it or day after it could be told.
    """
    if value.tzinfo is None:
        raise RecordError(
            "bad_timestamp", field, "must carry an offset, such as Z or +02:00", value.isoformat()
        )
    if not _FIRST_TIME <= value < _END_OF_TIME:
        raise RecordError("bad_timestamp", field, "must lie in the years 2 to 9998, UTC", value.isoformat())
    return value.astimezone(UTC)
