"""A line of a request file as a request that may be predicted: without what is only known afterwards."""

import msgspec

from components.records.errors import RecordError
from components.records.parse import MAX_LINE, parse_request
from components.records.prediction import Unreadable
from components.records.request import Request

_KNOWN_AFTERWARDS = ("skill_id", "intent", "slots", "also_correct", "outcome", "split", "routing")


def live_request(line: bytes, number: int) -> Request | Unreadable:
    """The request in `line`; what it says about the right answer is dropped unread, be it right or wrong.

    Args:
        line: One line of JSON.
        number: Its number, from 1; it stands for a request id that cannot be read.
    """
    try:
        return parse_request(_without_answer(line))
    except RecordError as error:
        request_id = _request_id(line)
        return Unreadable(
            error=str(error), request_id=request_id, line=number if request_id is None else None
        )


def _without_answer(line: bytes) -> bytes:
    fields = _fields(line)
    if fields is None:  # `parse_request` says what is wrong with it
        return line
    for name in _KNOWN_AFTERWARDS:
        fields.pop(name, None)
    context = fields.get("context")
    if isinstance(context, dict):
        context.pop("new_intent", None)
    return msgspec.json.encode(fields)


def _request_id(line: bytes) -> str | None:
    fields = _fields(line)
    request_id = None if fields is None else fields.get("request_id")
    return request_id if isinstance(request_id, str) and request_id else None


def _fields(line: bytes) -> dict[str, object] | None:
    if len(line) > MAX_LINE:
        return None
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None
