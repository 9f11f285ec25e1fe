"""Dead letters between the passes and on disk."""

import heapq
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from components.ingest.blocks import Block
from components.ingest.report import LETTERS, SHOWN_LETTERS, Letter
from components.ingest.rows import place_of
from components.ingest.spill import Segment, load
from components.records.atomic import atomic_file
from components.records.errors import RecordError

ROUGH_BYTES = 300
"""Of one spilled letter."""


class SpilledLetter(msgspec.Struct, array_like=True, frozen=True):
    """A refused record; its position becomes file and line once the lines of every block are counted."""

    position: int
    reason: str
    field: str
    rule: str
    value: str

    @classmethod
    def of(cls, position: int, error: RecordError) -> "SpilledLetter":
        """The letter of the record at `position`."""
        return cls(position, error.reason, error.field, error.rule, error.value)


def first_lines(every: Sequence[Block], lines: Mapping[int, int]) -> list[int]:
    """The number, from 1, of the first line of each block in its file, from the lines that blocks have."""
    first, at = [], 1
    for block in every:
        at = 1 if block.start == 0 else at
        first.append(at)
        at += lines[block.index]
    return first


def write_letters(
    folder: Path,
    streams: Iterable[Iterable[Segment]],
    every: Sequence[Block],
    lines: Mapping[int, int],
) -> list[Letter]:
    """Writes `dead_letters.jsonl` in file and line order, and returns the first few.

    Args:
        streams: Runs of segments; letters ascend by position within a run. One segment of each is held.
        every: All blocks.
        lines: How many lines each block has, by index.
    """
    first = first_lines(every, lines)
    shown: list[Letter] = []
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{LETTERS}.tmp"
    with draft.open("wb") as file:
        for spilled in heapq.merge(*map(_letters, streams), key=lambda letter: letter.position):
            block, number = place_of(spilled.position)
            letter = Letter(
                file=every[block].path,
                line=first[block] + number,
                reason=spilled.reason,
                field=spilled.field,
                rule=spilled.rule,
                value=spilled.value,
            )
            file.write(msgspec.json.encode(letter) + b"\n")
            if len(shown) < SHOWN_LETTERS:
                shown.append(letter)
    os.replace(draft, folder / LETTERS)
    return shown


def add_letters(folder: Path, earlier: Path, files: Sequence[Path]) -> list[Letter]:
    """Adds the letters of an earlier span to those in `folder`, in their order; returns the first few.

    Args:
        earlier: A folder with letters.
        files: All request files in their order.
    """
    order = {str(path): i for i, path in enumerate(files)}
    shown: list[Letter] = []
    with atomic_file(folder / LETTERS) as file:
        read = (_read(path / LETTERS) for path in (earlier, folder))
        for letter in heapq.merge(*read, key=lambda letter: (order[letter.file], letter.line)):
            file.write(msgspec.json.encode(letter) + b"\n")
            if len(shown) < SHOWN_LETTERS:
                shown.append(letter)
    return shown


def _read(path: Path) -> Iterator[Letter]:
    with path.open("rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=Letter)


def _letters(segments: Iterable[Segment]) -> Iterator[SpilledLetter]:
    for segment in segments:
        yield from load(segment, SpilledLetter)
