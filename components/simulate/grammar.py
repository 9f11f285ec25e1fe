"""The frames of `grammar_data`, numbered and compiled so that requests can be drawn as arrays of numbers."""

import re
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.simulate import grammar_data as data
from components.simulate.words import SLOT_VALUES

MOODS = ("order", "question", "remark")
_MARKS = {"?": 1, "!": 2}
Piece = tuple[str, str]
"""(kind, text): kind is `text`, `V`, `S`, `T`, or the name of a shared slot."""

_HOLE = re.compile(r"\{(\w+)\}")


class Frame(NamedTuple):
    """One sentence frame: its pieces in order, its mood, and which holes it has."""

    pieces: tuple[Piece, ...]
    mood: int
    has_topic: bool
    has_subject: bool
    shared_slots: tuple[str, ...]


def compile_frame(text: str) -> Frame:
    """Reads a frame of `grammar_data`.

    >>> compile_frame("?is {T} open").pieces
    (('text', 'is '), ('T', ''), ('text', ' open'))
    """
    mood = _MARKS.get(text[0], 0)
    text = text[1:] if mood else text
    pieces: list[Piece] = []
    for i, part in enumerate(_HOLE.split(text)):
        if i % 2:
            pieces.append((part, ""))
        elif part:
            pieces.append(("text", part))
    kinds = [kind for kind, _ in pieces]
    shared = tuple(kind for kind in kinds if kind in SLOT_VALUES)
    return Frame(tuple(pieces), mood, "T" in kinds, "S" in kinds, shared)


def nouns(text: str) -> tuple[str, ...]:
    """`"movie motion+picture"` as its nouns."""
    return tuple(noun.replace("+", " ") for noun in text.split())


def code(text: str) -> int:
    """A stable number for a part of a sentence; equal texts have equal numbers."""
    return zlib.crc32(text.encode())


def _padded(rows: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of unequal length as a matrix [I, longest] and their lengths [I]."""
    width = max(map(len, rows))
    table = np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.int64)
    return table, np.array([len(row) for row in rows], dtype=np.int64)


class Grammar:
    """Every kind, intent, frame and verb, numbered.

    Glossary of shapes: K kinds, I intents of all kinds (a kind's follow-ups are its last intent), F frames,
    V verbs of all intents.

    Attributes:
        kinds: The data, by kind [K].
        first_intent, intents: Per kind the number of its first intent and how many it has [K].
        follow_up: Per kind the number of its follow-up intent [K].
        frames: Per frame number [F].
        all_frames, topic_frames, plain_frames, subject_frames: (frame numbers padded, count) per intent
            [I, *], [I]: all of them, those with a topic, without one, and with a subject.
        verbs: Per verb number [V]; `first_verb`, `verb_count` per intent [I].
    """

    def __init__(self) -> None:
        self.kinds = data.KINDS
        self.frames: list[Frame] = []
        self.verbs: list[str] = []
        frame_codes: list[int] = []
        first_intent, intents, every, first_verb, verb_count = [], [], [], [], []
        for kind in self.kinds:
            first_intent.append(len(every))
            intents.append(len(kind[4]))
            for _, verbs, texts in (*kind[4], ("", "", data.FOLLOW_UPS)):
                first_verb.append(len(self.verbs))
                self.verbs += verbs.split("|")
                verb_count.append(len(self.verbs) - first_verb[-1])
                numbers = range(len(self.frames), len(self.frames) + len(texts))
                self.frames += map(compile_frame, texts)
                # Slots leave no trace in a template, so frames that differ in slot names alone are equal.
                frame_codes += [code(re.sub(r"\{(?!V|S)\w+\}", "{}", text)) for text in texts]
                every.append(list(numbers))
        self.first_intent = np.array(first_intent)
        self.intents = np.array(intents)
        self.follow_up = self.first_intent + self.intents
        self.all_frames = _padded(every)
        self.topic_frames = _padded([[i for i in row if self.frames[i].has_topic] for row in every])
        self.plain_frames = _padded([[i for i in row if not self.frames[i].has_topic] for row in every])
        self.subject_frames = _padded([[i for i in row if self.frames[i].has_subject] for row in every])
        self.first_verb = np.array(first_verb)
        self.verb_count = np.array(verb_count)
        self.frame_code = np.array(frame_codes, dtype=np.uint64)
        self.verb_code = np.array([code(verb) for verb in self.verbs], dtype=np.uint64)
        self.mood = np.array([frame.mood for frame in self.frames])
        self.has_subject = np.array([frame.has_subject for frame in self.frames])
        self.has_verb = np.array([("V", "") in frame.pieces for frame in self.frames])
        self.openers = [data.OPENERS[mood] for mood in MOODS]
        self.tails = [data.TAILS[mood] for mood in MOODS]
        self.opener_code = np.array([[code(o) for o in row] for row in self.openers], dtype=np.uint64)
        self.tail_code = np.array([[code("…" + t) for t in row] for row in self.tails], dtype=np.uint64)
        self.carriers = [tuple(re.split(r"\{[NC]\}", c) for c in data.CARRIERS[mood]) for mood in MOODS]
        self.name_first = [tuple(c.index("{N}") < c.index("{C}") for c in data.CARRIERS[m]) for m in MOODS]
        self.unserved = nouns(" ".join(data.UNSERVED))
