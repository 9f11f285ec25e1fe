"""The files of `arbiter skill add`: new skills and requests for them, checked record by record."""

from pathlib import Path

from components.records.catalogue import Catalogue, check_request
from components.records.errors import RecordError
from components.records.parse import parse_request, parse_skill
from components.records.request import Request
from components.records.skill import Skill
from pipelines.errors import CallError
from pipelines.record_file import read_each


def read_new_skills(path: Path, old: Catalogue) -> Catalogue:
    """The skills of `path`, one a line in the dataset form.

    Raises:
        CallError: The file cannot be read, is empty, or has bad lines: no record of the form, a `skill_id`
            that is there already or comes twice. All of them are named.
    """
    found: dict[str, Skill] = {}

    def keep(number: int, line: bytes) -> None:
        skill = parse_skill(line)
        if skill.skill_id in old.by_id:
            raise RecordError(
                "duplicate_id", "skill_id", "must not be a skill of the model in service", skill.skill_id
            )
        if skill.skill_id in found:
            raise RecordError("duplicate_id", "skill_id", "must be unique in the file", skill.skill_id)
        found[skill.skill_id] = skill

    read_each(path, keep)
    if not found:
        raise CallError(f"{path} holds no skill.", "Write one skill a line, as in catalogue.jsonl.")
    return Catalogue(found.values())


def read_new_requests(path: Path, new: Catalogue, old: Catalogue) -> list[Request]:
    """The labelled requests of `path`, one a line in the dataset form, each of a new skill.

    Raises:
        CallError: The file cannot be read, or has bad lines: no record of the form, a `request_id` that comes
            twice, no `skill_id`, or one that is not new. All of them are named.
    """
    merged = Catalogue((*old, *new))
    found: dict[str, Request] = {}

    def keep(number: int, line: bytes) -> None:
        request = parse_request(line)
        if request.skill_id is None:
            raise RecordError("missing_field", "skill_id", "must name the new skill that the request is for")
        if request.skill_id in old.by_id:
            raise RecordError("bad_value", "skill_id", "must be one of the new skills", request.skill_id)
        check_request(request, merged)
        if request.request_id in found:
            raise RecordError("duplicate_id", "request_id", "must be unique in the file", request.request_id)
        found[request.request_id] = request

    read_each(path, keep)
    return list(found.values())
