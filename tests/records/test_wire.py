"""Example bytes without protobuf objects mean what protobuf means."""

import pytest
from hypothesis import given

from components.records import wire
from components.records.examples import decode, encode, request_values
from components.records.features import F
from components.records.request import Request
from tests.records.strategies import requests


@given(requests())
def test_protobuf_reads_what_wire_writes(request: Request):
    values = request_values(request)
    encoded = wire.example(wire.encode_entries(values))
    assert decode(encoded) == decode(encode(values))
    assert wire.example(wire.entries_of(encoded)) == encoded
    in_order = dict(sorted(values.items()))
    assert wire.example(wire.encode_entries(in_order)) == encode(values)


@given(requests())
def test_pick_reads_first_values(request: Request):
    values = request_values(request)
    wanted = {name.encode(): name for name in (F.UTTERANCE, F.SKILL_ID, F.DEVICE)}
    for encoded in (encode(values), wire.example(wire.encode_entries(values))):
        assert wire.pick(wire.entries_of(encoded), wanted) == {
            name: values[name][0] for name in wanted.values() if name in values
        }


def test_floats_and_large_numbers():
    values = {F.PREDICTED_CONFIDENCES: [0.25, -1.5], F.TIMESTAMP: [-(2**63)], F.SLOT_STARTS: [2**63 - 1, 0]}
    assert decode(wire.example(wire.encode_entries(values))) == values


def test_what_is_no_example_is_refused():
    assert wire.entries_of(b"") == b""
    with pytest.raises(ValueError, match="must be one"):
        wire.entries_of(b"\x0a\x05abc")
