"""The Alexa skill list of 2017 (github.com/dale3h/alexa-skills-list): a catalogue with example phrases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from components.importers.alexa_domains import domain_of
from components.importers.source import Dropped, SourceError, decode, read_bytes, request_or_dropped
from components.records.request import Request
from components.records.skill import Skill


class _Row(msgspec.Struct, rename="camel"):
    id: str
    name: str
    first_release_date: float
    description: str | None = None
    short_description: str | None = None
    launch_phrase: str | None = None
    example_interactions: list[str | None] | None = None
    average_rating: float | None = None
    number_of_reviews: int = 0


_decoder = msgspec.json.Decoder(_Row)


class AlexaSkills:
    """Reads `SRC/skills.jsonl`.

    Args:
        src: The set's own folder.

    Raises:
        SourceError: The file is missing, or a line is not a skill or names one that came before.
    """

    licence = (
        "MIT (the compilation): alexa-skills-list by Dale Higgs, github.com/dale3h/alexa-skills-list, "
        "2017-01-03; names, descriptions and phrases are the skill vendors' own text."
    )
    rules = (
        "A skill is a listed skill, by its id; its invocation is the launch phrase.",
        "The set names no categories. A skill's domain is the one with most keywords in the skill's name "
        "(counted three times) and short description (once), else in its description; ties go to the "
        "earlier domain of the table in components/importers/alexa_domains.py; a skill without a keyword "
        "is of the domain Other.",
        "Each example phrase is a request that its skill handles, with the wake word and the invocation "
        "as written. Phrases are not repeated among the skill's examples, where they would give test "
        "requests away.",
        "first_seen is the first release; a rating without reviews is left out.",
        "Empty phrases are dropped and counted.",
    )

    def __init__(self, src: Path) -> None:
        self._path = src / "skills.jsonl"
        self._rows = _read(self._path)
        self._skills = [_skill(self._path, number, row) for number, row in self._rows.items()]

    def skills(self) -> list[Skill]:
        return self._skills

    def splits(self) -> tuple[str, ...]:
        return ()

    def requests(self) -> Iterator[Request | Dropped]:
        for row in self._rows.values():
            for number, phrase in enumerate(row.example_interactions or ()):
                yield request_or_dropped(
                    request_id=f"{row.id}/{number}",
                    utterance=(phrase or "").strip(),
                    skill_id=row.id,
                    split=None,
                )


def _read(path: Path) -> dict[int, _Row]:
    """The rows by their line numbers."""
    rows: dict[int, _Row] = {}
    seen: set[str] = set()
    for number, line in enumerate(read_bytes(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        row = decode(path, _decoder, line, f"line {number}")
        if row.id in seen:
            raise SourceError(path, f"line {number}", f"skill {row.id!r} must be listed once")
        seen.add(row.id)
        rows[number] = row
    return rows


def _skill(path: Path, line: int, row: _Row) -> Skill:
    try:
        return Skill(
            skill_id=row.id,
            domain=domain_of(row.name, row.short_description or "", row.description or ""),
            name=row.name,
            invocations=(row.launch_phrase,) if row.launch_phrase else (),
            description=row.description or row.short_description,
            rating=row.average_rating if row.number_of_reviews else None,
            reviews=row.number_of_reviews,
            first_seen=datetime.fromtimestamp(row.first_release_date, UTC),
        )
    except (ValueError, OverflowError) as error:
        raise SourceError(path, f"line {line}", str(error)) from error
