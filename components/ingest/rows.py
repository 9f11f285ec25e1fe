"""What is kept of a request between reading it and writing it."""

import hashlib
import struct

import msgspec

from components.records import wire
from components.records.examples import micros, request_values
from components.records.features import F
from components.records.parse import to_json
from components.records.request import Request
from components.records.splits import split_key
from components.records.usage import NO_TIME, is_use, used_before

_ID = struct.Struct("<16s16sIIQ")
_DIGEST = 16


class Row(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A valid request, encoded but for what its customer's other requests decide.

    Attributes:
        position: Block index and number within the block, as `position_of` packs them.
        owner: What decides the split: the customer, or the utterance where there is none.
        known: Whether `owner` is a customer, whose requests stay together.
        time: Microseconds since 1970.
        used: The skill that this request used, where it counts as a use.
        pin: The split that the record asks for.
        skill: The request's `skill_id`.
        entries: The Example's entries without `split`, `recent` and `also_correct`.
        recent: Entries for `recent`, where the record brought its own.
        also_correct: Entries for `also_correct`; written on dev and test only.
    """

    position: int
    owner: str
    known: bool
    time: int | None
    used: str | None
    pin: str | None
    skill: str | None
    entries: bytes
    recent: bytes
    also_correct: bytes


def position_of(block: int, number: int) -> int:
    """One number that orders records by file and line: 24 bits of block, 40 of number within it."""
    return block << 40 | number


def place_of(position: int) -> tuple[int, int]:
    """Block and number: the inverse of `position_of`."""
    return position >> 40, position & (1 << 40) - 1


def row_of(request: Request, position: int) -> Row:
    """The row of a request.

    A record that brings its own `recent` (a router's log, say) keeps it under the rule that computed usage
    obeys: only what is earlier than the request, the latest use of each skill.
    """
    values = request_values(request)
    values.pop(F.SPLIT, None)
    also_correct = values.pop(F.ALSO_CORRECT, [])
    values.pop(F.RECENT_SKILLS, None)
    values.pop(F.RECENT_TIMESTAMPS, None)
    time = None if request.timestamp is None else micros(request.timestamp)
    return Row(
        position=position,
        owner=split_key(request),
        known=request.customer_id is not None,
        time=time,
        used=request.skill_id if is_use(request) else None,
        pin=request.split,
        skill=request.skill_id,
        entries=wire.encode_entries(values),
        recent=_carried(request, time) if request.recent else b"",
        also_correct=wire.encode_entries({F.ALSO_CORRECT: also_correct}),
    )


def recent_entries(recent: list[tuple[str, int]]) -> bytes:
    """The entries of `recent` from (skill, microseconds) pairs."""
    return wire.encode_entries(
        {F.RECENT_SKILLS: [skill for skill, _ in recent], F.RECENT_TIMESTAMPS: [at for _, at in recent]}
    )


def identity_of(request: Request, partition: int, position: int) -> bytes:
    """Digests of id and content, the row's partition and position: 48 bytes, see `duplicates`."""
    return _ID.pack(
        hashlib.blake2b(request.request_id.encode(), digest_size=_DIGEST).digest(),
        hashlib.blake2b(to_json(request), digest_size=_DIGEST).digest(),
        partition,
        0,
        position,
    )


def _carried(request: Request, time: int | None) -> bytes:
    uses = sorted((micros(use.timestamp), use.skill_id) for use in request.recent)
    at = NO_TIME if time is None else time
    return recent_entries(used_before([skill for _, skill in uses], [time for time, _ in uses], at))
