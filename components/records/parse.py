"""Bytes to records and back. Every way a line can be wrong ends in one `RecordError`."""

import re
from typing import Any, TypeVar

import msgspec

from components.records.errors import Reason, RecordError
from components.records.request import Request
from components.records.skill import Skill

MAX_LINE = 1_000_000
"""Bytes; a longer line is refused before it is decoded."""

_Record = TypeVar("_Record", bound=msgspec.Struct)

_requests = msgspec.json.Decoder(Request)
_skills = msgspec.json.Decoder(Skill)
_encoder = msgspec.json.Encoder()

# msgspec raises from C with a text: the text's shape says which rule was broken.
_SHAPES: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (re.compile(r"unknown field `(?P<name>[^`]*)`"), "unknown_field"),
    (re.compile(r"missing required field `(?P<name>[^`]*)`"), "missing_field"),
    (re.compile(r"Invalid RFC3339|timestamp|Expected `datetime`|Timezone"), "bad_timestamp"),
    (re.compile(r"Expected"), "wrong_type"),
)
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


def parse_request(line: bytes) -> Request:
    """One line of a request file as a `Request`. Raises `RecordError`."""
    return parse_as(line, _requests)


def parse_skill(line: bytes) -> Skill:
    """One line of the catalogue as a `Skill`. Raises `RecordError`."""
    return parse_as(line, _skills)


def convert_request(fields: dict[str, Any]) -> Request:
    """A `Request` from plain values, such as a row of a Parquet file. Raises `RecordError`."""
    return _convert(_drop_nulls(fields), Request)


def to_json(record: msgspec.Struct) -> bytes:
    """The record as one line of JSON without the newline; absent fields are left out."""
    return _encoder.encode(record)


def parse_as(line: bytes, decoder: "msgspec.json.Decoder[_Record]") -> _Record:
    """A line of JSON as the decoder's kind of record. Raises `RecordError`."""
    if len(line) > MAX_LINE:
        raise RecordError("too_long", "", f"must have at most {MAX_LINE} bytes, has {len(line)}", line[:80])
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        if b"null" in line:
            return _without_nulls(line, decoder.type, error)
        raise _explained(error) from error
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error
    except msgspec.DecodeError as error:
        raise _not_json(line, error) from error


def _not_json(line: bytes, error: Exception) -> RecordError:
    try:
        line.decode()
    except UnicodeDecodeError as bad:
        return _not_utf8(bad)
    if b"\x00" in line:
        return RecordError("nul", "", "must not hold a NUL byte", line[:80])
    return RecordError("not_json", "", f"must be one JSON object: {error}", line[:80])


def _not_utf8(error: UnicodeDecodeError) -> RecordError:
    return RecordError(
        "invalid_utf8", "", f"must be UTF-8, byte {error.start} is not", error.object[error.start :][:8]
    )


def _without_nulls(line: bytes, kind: type[_Record], error: msgspec.ValidationError) -> _Record:
    """Null means absent. Only lines that fail and hold a null pay for this second reading."""
    try:
        fields = _drop_nulls(msgspec.json.decode(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _explained(error) from error
    return _convert(fields, kind)


def _convert(fields: Any, kind: type[_Record]) -> _Record:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise _explained(error) from error


def _drop_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _drop_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_nulls(item) for item in value]
    return value


def _explained(error: msgspec.ValidationError) -> RecordError:
    if isinstance(error.__cause__, RecordError):  # a rule of ours, wrapped by msgspec with its own path
        return error.__cause__
    text = str(error)
    found = _PATH.search(text)
    path = found["path"] if found else ""
    message = _PATH.sub("", text)
    for shape, reason in _SHAPES:
        match = shape.search(message)
        if match:
            name = match.groupdict().get("name")
            field = f"{path}.{name}".strip(".") if name else path
            return RecordError(reason, field, _rule(reason, message))
    return RecordError("bad_value", path, message)


def _rule(reason: Reason, message: str) -> str:
    if reason == "unknown_field":
        return "is no field of this record"
    if reason == "missing_field":
        return "is required"
    return "is of the wrong kind: " + message[0].lower() + message[1:]
