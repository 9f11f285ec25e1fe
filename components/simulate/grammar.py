"""What people say (`grammar.toml`), numbered so that requests can be drawn as arrays of numbers."""

import re
import zlib
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

MOODS = ("order", "question", "remark")
_MARKS = {"?": 1, "!": 2}
_HOLE = re.compile(r"\{(\w+)\}")
_FILE = Path(__file__).with_name("grammar.toml")


class IntentText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One intent as `grammar.toml` has it."""

    verbs: tuple[str, ...]
    frames: tuple[str, ...]


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of domain: its topic slot, the devices it is asked for most, nouns per domain, intents."""

    topic: str
    devices: tuple[str, ...]
    subjects: dict[str, tuple[str, ...]]
    intents: dict[str, IntentText]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `grammar.toml`."""

    follow_ups: tuple[str, ...]
    unserved: tuple[str, ...]
    openers: dict[str, tuple[str, ...]]
    tails: dict[str, tuple[str, ...]]
    carriers: dict[str, tuple[str, ...]]
    kinds: dict[str, Kind]


class Frame(NamedTuple):
    """One sentence frame; a piece is (kind, text), its kind `text`, `V`, `S`, `T` or a shared slot."""

    pieces: tuple[tuple[str, str], ...]
    mood: int

    def has(self, kind: str) -> bool:
        return any(piece[0] == kind for piece in self.pieces)


class Carrier(NamedTuple):
    """A phrase around a command that names a skill: `before`, one of both, `between`, the other, `after`."""

    before: str
    between: str
    after: str
    name_first: bool


def compile_frame(text: str) -> Frame:
    """Reads a frame of `grammar.toml`.

    >>> compile_frame("?is {T} open")
    Frame(pieces=(('text', 'is '), ('T', ''), ('text', ' open')), mood=1)
    """
    mood = _MARKS.get(text[0], 0)
    parts = _HOLE.split(text[1:] if mood else text)
    pieces = [(part, "") if i % 2 else ("text", part) for i, part in enumerate(parts) if part]
    return Frame(tuple(pieces), mood)


def compile_carrier(text: str) -> Carrier:
    """Reads a carrier of `grammar.toml`.

    >>> compile_carrier("ask {N} to {C}")
    Carrier(before='ask ', between=' to ', after='', name_first=True)
    """
    before, between, after = re.split(r"\{[NC]\}", text)
    return Carrier(before, between, after, text.index("{N}") < text.index("{C}"))


def code(text: str) -> int:
    """A stable number for a part of a sentence; equal texts have equal numbers."""
    return zlib.crc32(text.encode())


class Grammar:
    """Every kind, intent, frame and verb, numbered.

    Glossary of shapes: K kinds, I intents of all kinds (a kind's follow-ups are its last intent), F frames,
    V verbs of all intents, M moods.

    Attributes:
        kinds: By number [K]; `intent_names` the names of the intents of each.
        first_intent, intents: Per kind the number of its first intent and how many it has [K].
        follow_up: Per kind the number of its follow-up intent [K].
        frames: By number [F], with `mood`, `has_subject`, `has_verb` and `frame_code` as arrays [F].
        all_frames, topic_frames, plain_frames, subject_frames: (frame numbers padded, count) per intent
            [I, *], [I]: all of them, those with a topic, without one, and with a subject.
        verbs: By number [V], with `verb_code` [V]; `first_verb`, `verb_count` per intent [I].
        openers, tails, carriers: Per mood, with `opener_code` and `tail_code` [M, *].
        unserved: Nouns of what no skill deals with.
    """

    def __init__(self) -> None:
        text = msgspec.toml.decode(_FILE.read_bytes(), type=Text)
        self.kinds = tuple(text.kinds.values())
        self.intent_names = tuple(tuple(kind.intents) for kind in self.kinds)
        self.intents = np.array([len(kind.intents) for kind in self.kinds])
        self.first_intent = np.concatenate(([0], np.cumsum(self.intents + 1)[:-1]))
        self.follow_up = self.first_intent + self.intents
        follow_up = IntentText(verbs=("",), frames=text.follow_ups)
        self._number([intent for kind in self.kinds for intent in (*kind.intents.values(), follow_up)])
        self.openers = [text.openers[mood] for mood in MOODS]
        self.tails = [text.tails[mood] for mood in MOODS]
        self.opener_code = np.array([[code(o) for o in row] for row in self.openers], dtype=np.uint64)
        self.tail_code = np.array([[code(t) for t in row] for row in self.tails], dtype=np.uint64)
        self.carriers = [tuple(map(compile_carrier, text.carriers[mood])) for mood in MOODS]
        self.unserved = text.unserved

    def _number(self, intents: list[IntentText]) -> None:
        texts = [frame for intent in intents for frame in intent.frames]
        self.frames = [compile_frame(frame) for frame in texts]
        self.mood = np.array([frame.mood for frame in self.frames])
        self.has_subject = np.array([frame.has("S") for frame in self.frames])
        self.has_verb = np.array([frame.has("V") for frame in self.frames])
        # Slots leave no trace in a template, so frames that differ in slot names alone are equal.
        self.frame_code = np.array([code(re.sub(r"\{(?!V|S)\w+\}", "{}", t)) for t in texts], dtype=np.uint64)
        ends = np.cumsum([len(intent.frames) for intent in intents])
        every = [
            list(range(end - len(intent.frames), end)) for end, intent in zip(ends, intents, strict=True)
        ]
        self.all_frames = _padded(every)
        self.topic_frames = _padded([[i for i in row if self.frames[i].has("T")] for row in every])
        self.plain_frames = _padded([[i for i in row if not self.frames[i].has("T")] for row in every])
        self.subject_frames = _padded([[i for i in row if self.frames[i].has("S")] for row in every])
        self.verbs = [verb for intent in intents for verb in intent.verbs]
        self.verb_code = np.array([code(verb) for verb in self.verbs], dtype=np.uint64)
        self.verb_count = np.array([len(intent.verbs) for intent in intents])
        self.first_verb = np.cumsum(self.verb_count) - self.verb_count


def _padded(rows: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of unequal length as a matrix [I, longest] and their lengths [I]."""
    width = max(map(len, rows))
    table = np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.int64)
    return table, np.array([len(row) for row in rows], dtype=np.int64)
