"""The catalogue: every skill there is, in file order."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from components.records.atomic import atomic_write
from components.records.errors import RecordError
from components.records.parse import parse_skill, to_json
from components.records.request import Request
from components.records.skill import Skill

_SHOWN = 20


class CatalogueError(ValueError):
    """A catalogue that cannot be used. `problems` holds (line number, RecordError) for every bad line."""

    def __init__(self, path: Path, problems: list[tuple[int, RecordError]]) -> None:
        self.path = path
        self.problems = problems
        lines = [f"  line {line}: {error}" for line, error in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            lines.append(f"  and {len(problems) - _SHOWN} more")
        super().__init__(f"{path} has {len(problems)} bad lines; mend or remove them:\n" + "\n".join(lines))


class Catalogue:
    """The skills of one dataset.

    Args:
        skills: In row order; models keep this order.

    Raises:
        RecordError: Two skills share a `skill_id`.
    """

    def __init__(self, skills: Iterable[Skill]) -> None:
        self.skills = tuple(skills)
        self.by_id: dict[str, Skill] = {}
        for skill in self.skills:
            if skill.skill_id in self.by_id:
                raise RecordError(
                    "duplicate_id", "skill_id", "must be unique in the catalogue", skill.skill_id
                )
            self.by_id[skill.skill_id] = skill

    def __len__(self) -> int:
        return len(self.skills)

    def __iter__(self) -> Iterator[Skill]:
        return iter(self.skills)

    @cached_property
    def skill_ids(self) -> tuple[str, ...]:
        return tuple(self.by_id)

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Every domain once, sorted."""
        return tuple(sorted({skill.domain for skill in self.skills}))

    def domain_of(self, skill_id: str) -> str:
        """The skill's domain. Raises `KeyError` for a skill that is not in the catalogue."""
        return self.by_id[skill_id].domain

    def hash(self) -> str:
        """SHA-256 over the skills in order, as hex."""
        digest = hashlib.sha256()
        for skill in self.skills:
            digest.update(to_json(skill) + b"\n")
        return digest.hexdigest()


def check_request(request: Request, catalogue: Catalogue) -> None:
    """Raises `RecordError` if the request's labels name a skill that the catalogue lacks.

    `enabled_skills`, `recent` and `previous_skill` may name skills that have since left the catalogue:
    a customer's history outlives a skill, and a model ignores what it does not know.
    """
    known = catalogue.by_id
    if request.skill_id is not None and request.skill_id not in known:
        raise RecordError("unknown_skill", "skill_id", "must be a skill of the catalogue", request.skill_id)
    for skill_id in request.also_correct:
        if skill_id not in known:
            raise RecordError("unknown_skill", "also_correct", "must hold skills of the catalogue", skill_id)


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in `path`, one skill a line; blank lines are skipped.

    Raises:
        CatalogueError: Lists every bad line, so that one look mends the file. Also where no line is left.
        FileNotFoundError: There is no such file.
    """
    skills: dict[str, Skill] = {}
    problems: list[tuple[int, RecordError]] = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            stripped = line.removeprefix(b"\xef\xbb\xbf").strip()
            if not stripped:
                continue
            try:
                skill = parse_skill(stripped)
                if skill.skill_id in skills:
                    raise RecordError(
                        "duplicate_id", "skill_id", "must be unique in the catalogue", skill.skill_id
                    )
                skills[skill.skill_id] = skill
            except RecordError as error:
                problems.append((number, error))
    if not skills and not problems:
        problems.append((1, RecordError("missing_field", "", "must hold at least one skill")))
    if problems:
        raise CatalogueError(path, problems)
    return Catalogue(skills.values())


def write_catalogue(path: Path, skills: Iterable[Skill]) -> None:
    """Writes one skill a line, whole or not at all."""
    atomic_write(path, b"".join(to_json(skill) + b"\n" for skill in skills))
