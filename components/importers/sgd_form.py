"""The files of SGD as typed records: what is read of them, in both forms that the set has.

Older files have no user `actions` and no service calls; nothing here reads those, so one form serves both.
"""

from pathlib import Path

import msgspec

from components.importers.source import SourceError, decode, read_bytes


class SchemaIntent(msgspec.Struct, frozen=True):
    name: str
    required_slots: list[str] = []
    optional_slots: dict[str, str] = {}
    result_slots: list[str] = []

    @property
    def slots(self) -> tuple[str, ...]:
        """What the intent reads, then what it returns: users also name a result that they have heard."""
        return (*self.required_slots, *self.optional_slots, *self.result_slots)


class SchemaService(msgspec.Struct, frozen=True):
    service_name: str
    intents: list[SchemaIntent]
    description: str = ""


class Span(msgspec.Struct, frozen=True):
    """A slot of a frame; slots copied from another service have no span."""

    slot: str
    start: int | None = None
    exclusive_end: int | None = None


class State(msgspec.Struct, frozen=True):
    active_intent: str
    slot_values: dict[str, list[str]]


class Frame(msgspec.Struct, frozen=True):
    """What one service made of a turn; only a user's frame has a state."""

    service: str
    slots: list[Span] = []
    state: State | None = None


class Turn(msgspec.Struct, frozen=True):
    speaker: str
    utterance: str
    frames: list[Frame]


class Dialogue(msgspec.Struct, frozen=True):
    dialogue_id: str
    turns: list[Turn]


_schemas = msgspec.json.Decoder(list[SchemaService])
_dialogues = msgspec.json.Decoder(list[Dialogue])


def read_schema(path: Path) -> list[SchemaService]:
    """The services of one schema.json. Raises `SourceError`."""
    return decode(path, _schemas, read_bytes(path))


def read_dialogues(path: Path) -> list[Dialogue]:
    """The dialogues of one file. Raises `SourceError`, also for a user's frame without a state."""
    dialogues = decode(path, _dialogues, read_bytes(path))
    for dialogue in dialogues:
        for number, turn in enumerate(dialogue.turns):
            if turn.speaker == "USER" and any(frame.state is None for frame in turn.frames):
                where = f"dialogue {dialogue.dialogue_id}, turn {number}"
                raise SourceError(path, where, "each frame of a user's turn must have a `state`")
    return dialogues
