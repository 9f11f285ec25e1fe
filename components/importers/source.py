"""What every importer offers, and how it says that a set is not what it should be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from components.records.errors import RecordError
from components.records.request import Request
from components.records.skill import Skill

_Content = TypeVar("_Content")


class SourceError(ValueError):
    """A set that cannot be read: which file, where in it, which rule."""

    def __init__(self, path: Path, where: str, rule: str) -> None:
        self.path = path
        self.where = where
        self.rule = rule
        super().__init__(f"{path}{f', {where}' if where else ''}: {rule}")


class Dropped(msgspec.Struct, frozen=True):
    """A row that the set has but a dataset may not: counted by its reason, never silently gone."""

    reason: str
    split: str | None


def request_or_dropped(*, split: str | None, utterance: str, **fields: Any) -> Request | Dropped:
    """The request, or why a dataset may not have it: `empty_utterance`, or its `RecordError`'s reason."""
    if not utterance.strip():
        return Dropped("empty_utterance", split)
    try:
        return Request(split=split, utterance=utterance, **fields)
    except RecordError as error:
        return Dropped(error.reason, split)


class Source(Protocol):
    """One public set, read from its own folder."""

    @property
    def licence(self) -> str:
        """Of the set, with the line that its authors ask for."""
        ...

    @property
    def rules(self) -> tuple[str, ...]:
        """What the importer decided, in words; they are written to `meta.json`."""
        ...

    def skills(self) -> list[Skill]:
        """The catalogue, the same whichever split is read."""
        ...

    def splits(self) -> tuple[str, ...]:
        """The native splits that are there; empty where the set has none."""
        ...

    def requests(self) -> Iterator[Request | Dropped]:
        """Every row in a fixed order, streamed; may be called again."""
        ...


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises `SourceError` where it is missing."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError(path, "", "must be there; SRC is the set's own folder") from error


def decode(path: Path, decoder: "msgspec.json.Decoder[_Content]", data: bytes, where: str = "") -> _Content:
    """`data` as the decoder's type. Raises `SourceError` with the place and the broken rule."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # ValidationError is a DecodeError
        raise SourceError(path, where, f"must be JSON of the set's own form: {error}") from error
