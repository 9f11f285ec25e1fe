"""Every way a line can be wrong has its own clear reason, and a right line loses nothing."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.errors import RecordError
from components.records.parse import MAX_LINE, convert_request, parse_request, parse_skill, to_json
from components.records.request import Request
from tests.records.strategies import requests

GOOD = {"request_id": "1", "utterance": "play mary poppins"}


def request_line(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def slot(**fields: object) -> dict[str, object]:
    return {"name": "title", "value": "mary poppins", "start": 5, "end": 17, **fields}


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (b"", "not_json", ""),
        (b"{", "not_json", ""),
        (request_line() + b" x", "not_json", ""),
        (b"[]", "wrong_type", ""),
        (b"\x00", "nul", ""),
        (b'\xff{"request_id"', "invalid_utf8", ""),
        (b'{"request_id": "1", "utterance": "\xc3("}', "invalid_utf8", ""),
        (b'{"utterance": "x"}', "missing_field", "request_id"),
        (b'{"request_id": "1"}', "missing_field", "utterance"),
        (b'{"request_id": "1", "utterance": null}', "missing_field", "utterance"),
        (request_line(utterence="x"), "unknown_field", "utterence"),
        (request_line(context={"turns": 1}), "unknown_field", "context.turns"),
        (request_line(utterance=3), "wrong_type", "utterance"),
        (request_line(enabled_skills="a"), "wrong_type", "enabled_skills"),
        (request_line(context={"turn": 1.5}), "wrong_type", "context.turn"),
        (request_line(utterance="  "), "bad_value", "utterance"),
        (request_line(request_id=""), "bad_value", "request_id"),
        (request_line(utterance="a\x00b"), "nul", "utterance"),
        (request_line(utterance="x" * 5000), "too_long", "utterance"),
        (request_line(utterance="x" * MAX_LINE), "too_long", ""),
        (request_line(timestamp="yesterday"), "bad_timestamp", "timestamp"),
        (request_line(timestamp="2026-01-02T03:04:05"), "bad_timestamp", "timestamp"),
        (request_line(timestamp="2026-13-02T03:04:05Z"), "bad_timestamp", "timestamp"),
        (request_line(timestamp="0001-01-01T00:00:00+14:00"), "bad_timestamp", "timestamp"),
        (request_line(timestamp="9999-01-01T00:00:00Z"), "bad_timestamp", "timestamp"),
        (
            request_line(recent=[{"skill_id": "a", "timestamp": "9999-12-31T23:59:59-01:00"}]),
            "bad_timestamp",
            "recent.timestamp",
        ),
        (b'{"utterance": null, "request_id": ' + b"[" * 20_000, "wrong_type", "utterance"),
        (request_line(outcome="fine"), "bad_value", "outcome"),
        (request_line(split="validation"), "bad_value", "split"),
        (request_line(outcome="rejected"), "missing_field", "skill_id"),
        (request_line(outcome="out_of_scope", skill_id="a"), "bad_value", "outcome"),
        (request_line(context={"turn": -1}), "bad_value", "context.turn"),
        (request_line(slots=[slot(start=4)]), "slot_span", "slots[0].value"),
        (request_line(slots=[slot(end=18)]), "slot_span", "slots[0]"),
        (request_line(slots=[slot(), slot(start=-1)]), "slot_span", "slots[1]"),
        (request_line(slots=[slot(start=5, end=5, value="")]), "slot_span", "slots[0]"),
    ],
)
def test_bad_request_has_a_clear_reason(line: bytes, reason: str, field: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse_request(line)
    assert (caught.value.reason, caught.value.field) == (reason, field)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (b'{"skill_id": "a"}', "missing_field", "domain"),
        (b'{"skill_id": "a", "domain": ""}', "bad_value", "domain"),
        (b'{"skill_id": "a", "domain": "d", "rating": 6}', "bad_value", "rating"),
        (b'{"skill_id": "a", "domain": "d", "reviews": -1}', "bad_value", "reviews"),
        (
            b'{"skill_id": "a", "domain": "d", "intents": [{"name": "i"}, {"name": "i"}]}',
            "bad_value",
            "intents",
        ),
        (b'{"skill_id": "a", "domain": "d", "intents": [{}]}', "missing_field", "intents[0].name"),
        (b'{"skill_id": "a", "domain": "d", "first_seen": "2026-01-01"}', "bad_timestamp", "first_seen"),
    ],
)
def test_bad_skill_has_a_clear_reason(line: bytes, reason: str, field: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse_skill(line)
    assert (caught.value.reason, caught.value.field) == (reason, field)


def test_span_counts_code_points_not_bytes() -> None:
    parsed = parse_request(request_line(utterance="🎬 play été", slots=[slot(value="été", start=7, end=10)]))
    assert parsed.slots[0].value == "été"


def test_null_and_absent_mean_the_same() -> None:
    nulls = dict.fromkeys(Request.__struct_fields__[2:])
    assert parse_request(request_line(**nulls)) == parse_request(request_line())
    assert parse_request(request_line(context={"turn": None})) == parse_request(request_line())


def test_offset_is_converted_to_utc() -> None:
    local = parse_request(request_line(timestamp="2026-01-02T03:04:05+02:00"))
    assert local == parse_request(request_line(timestamp="2026-01-02T01:04:05Z"))


def test_rejected_skill_is_never_a_right_answer() -> None:
    rejected = parse_request(request_line(outcome="rejected", skill_id="a", also_correct=["b"]))
    assert rejected.correct_skills == {"b"}
    assert parse_request(request_line(skill_id="a", also_correct=["b"])).correct_skills == {"a", "b"}


@given(requests())
def test_json_round_trip(request: Request) -> None:
    assert parse_request(to_json(request)) == request
    assert convert_request(json.loads(to_json(request))) == request


@given(st.binary(max_size=60))
def test_any_bytes_parse_or_raise_a_record_error(line: bytes) -> None:
    with contextlib.suppress(RecordError):
        parse_request(line)
